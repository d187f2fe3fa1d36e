/** One offline HTML file and one Markdown table from a result file. */
@NullMarked
package leakmark.reports.html;

import org.jspecify.annotations.NullMarked;
