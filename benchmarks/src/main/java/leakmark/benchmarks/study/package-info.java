/** Studies: what is measured for a claim, value by value, where a benchmark's cell would say too little. */
@NullMarked
package leakmark.benchmarks.study;

import org.jspecify.annotations.NullMarked;
