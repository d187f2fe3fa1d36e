/** {@code leakmark run}: plans cells, runs JMH on them, gates their results, and ends in a report. */
@NullMarked
package leakmark.benchmarks.run;

import org.jspecify.annotations.NullMarked;
