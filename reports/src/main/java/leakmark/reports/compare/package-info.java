/** Verdicts on two sides of the code, over forks and never over iterations. */
@NullMarked
package leakmark.reports.compare;

import org.jspecify.annotations.NullMarked;
