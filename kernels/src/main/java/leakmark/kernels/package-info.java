/** Contracts of the numeric kernels under the attacks, and the lookup of the providers that implement them. */
@NullMarked
package leakmark.kernels;

import org.jspecify.annotations.NullMarked;
