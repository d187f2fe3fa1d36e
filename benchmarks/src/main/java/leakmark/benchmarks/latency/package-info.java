/** Latency of single calls under a given load, recorded in HdrHistograms. */
@NullMarked
package leakmark.benchmarks.latency;

import org.jspecify.annotations.NullMarked;
