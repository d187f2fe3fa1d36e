/** The float64 oracle of gradient matching: plain loops, one image after the other, never optimised. */
@NullMarked
package leakmark.kernels.scalar.matching;

import org.jspecify.annotations.NullMarked;
