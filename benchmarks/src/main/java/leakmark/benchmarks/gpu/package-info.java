/** Timing on a CUDA device: how often to repeat, what to discard, and what to compare with. */
@NullMarked
package leakmark.benchmarks.gpu;

import org.jspecify.annotations.NullMarked;
