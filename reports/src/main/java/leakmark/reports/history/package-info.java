/** Result files over time: one series a cell, and where it changed. */
@NullMarked
package leakmark.reports.history;

import org.jspecify.annotations.NullMarked;
