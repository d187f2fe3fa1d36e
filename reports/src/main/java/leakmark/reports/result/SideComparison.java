package leakmark.reports.result;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Two sides of the code, or two files, compared cell by cell.
 *
 * @param base what it was before
 * @param head what it is now
 * @param method how the values belong together
 * @param tolerance what is called the same, 0.03 for ±3 %
 * @param control a cell with base on both sides, which must not differ; null if none was measured
 * @param cells one entry for each cell
 */
public record SideComparison(
        Side base,
        Side head,
        Method method,
        double tolerance,
        @Nullable CellComparison control,
        List<CellComparison> cells) {
    public SideComparison {
        Values.required(base, "comparison.base");
        Values.required(head, "comparison.head");
        Values.required(method, "comparison.method");
        Values.notNegative(tolerance, "comparison.tolerance");
        cells = Values.list(cells, "comparison.cells");
    }

    /** How values of the two sides belong together. */
    public enum Method {
        /** Rounds of both sides in turn on one machine: t-interval over the rounds' log ratios. */
        PAIRED,
        /** Files from different times: rank-sum test over forks, Hodges-Lehmann shift. Drift between them is not seen. */
        UNPAIRED,
        /** Files from different machines: unpaired, over fractions of each machine's measured roof. */
        UNPAIRED_ROOF_FRACTION
    }

    /**
     * One side.
     *
     * @param name as the user gave it
     * @param revision commit; null if unknown
     * @param codeHash of everything its benchmarks can run; null if unknown
     */
    public record Side(
            String name,
            @Nullable String revision,
            @Nullable String codeHash) {
        public Side {
            Values.required(name, "side.name");
        }
    }
}
