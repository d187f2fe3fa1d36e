/** Encoders in polynomial time: each sequence from the support of one token's own gradient. */
@NullMarked
package leakmark.attacks.encoder;

import org.jspecify.annotations.NullMarked;
