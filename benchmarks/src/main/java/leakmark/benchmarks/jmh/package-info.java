/** JMH benchmarks of the kernels and the attacks. Axes: provider, batchSize, sequenceLength, hiddenSize, vocabularySize, rank. */
@NullMarked
package leakmark.benchmarks.jmh;

import org.jspecify.annotations.NullMarked;
