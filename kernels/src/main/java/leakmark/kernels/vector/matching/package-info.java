/**
 * Gradient matching on SIMD vectors. Feature maps are stored position by position with their channels in the lanes, padded
 * to whole vectors; weights are packed once to the same lanes.
 */
@NullMarked
package leakmark.kernels.vector.matching;

import org.jspecify.annotations.NullMarked;
