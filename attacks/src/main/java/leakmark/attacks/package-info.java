/** Attacks on shared gradients: what the attacker is given, and what comes out. */
@NullMarked
package leakmark.attacks;

import org.jspecify.annotations.NullMarked;
