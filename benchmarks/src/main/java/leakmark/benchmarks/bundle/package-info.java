/** Leakmark for machines without a JDK or internet. */
@NullMarked
package leakmark.benchmarks.bundle;

import org.jspecify.annotations.NullMarked;
