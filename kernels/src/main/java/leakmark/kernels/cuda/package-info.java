/** Kernels on NVIDIA GPUs. The only user of {@code jcuda}, and of its driver API only. */
@NullMarked
package leakmark.kernels.cuda;

import org.jspecify.annotations.NullMarked;
