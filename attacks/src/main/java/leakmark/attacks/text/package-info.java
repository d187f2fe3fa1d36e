/** Tokenizers and text files. */
@NullMarked
package leakmark.attacks.text;

import org.jspecify.annotations.NullMarked;
