/** Kernels on the Vector API and all cores. The only user of {@code jdk.incubator.vector}. */
@NullMarked
package leakmark.kernels.vector;

import org.jspecify.annotations.NullMarked;
