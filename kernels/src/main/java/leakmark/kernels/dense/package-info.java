/** Dense linear algebra by OpenBLAS. The only user of {@code org.bytedeco}. */
@NullMarked
package leakmark.kernels.dense;

import org.jspecify.annotations.NullMarked;
