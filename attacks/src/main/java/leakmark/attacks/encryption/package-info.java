/** Sums of encrypted vectors; the only package that knows Bouncy Castle. */
@NullMarked
package leakmark.attacks.encryption;

import org.jspecify.annotations.NullMarked;
