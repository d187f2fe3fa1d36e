/** {@code leakmark ab}, {@code compare} and {@code selftest}: two sides of the code measured in turn, and verdicts. */
@NullMarked
package leakmark.benchmarks.compare;

import org.jspecify.annotations.NullMarked;
