/** Scaling exponents and ratios, each with an interval. */
@NullMarked
package leakmark.reports.statistics;

import org.jspecify.annotations.NullMarked;
