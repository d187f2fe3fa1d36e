/** Plain loops that accumulate in float64: the oracle of every other provider. Never optimised. */
@NullMarked
package leakmark.kernels.scalar;

import org.jspecify.annotations.NullMarked;
