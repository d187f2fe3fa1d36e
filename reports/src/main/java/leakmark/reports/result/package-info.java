/** Result files: what a run measured, and nothing else. */
@NullMarked
package leakmark.reports.result;

import org.jspecify.annotations.NullMarked;
