package leakmark.benchmarks.compare;

import leakmark.reports.result.CellComparison;
import leakmark.reports.result.CellComparison.Verdict;
import leakmark.reports.result.SideComparison;

/** Sides that run the same code: what differs between them is noise. */
final class EqualCode {
    private EqualCode() {}

    /** The comparison with every cell SAME, but those that could not be measured. */
    static SideComparison same(SideComparison measured) {
        String reason = "both sides run the same code, " + measured.base().codeHash();
        return new SideComparison(
                measured.base(),
                measured.head(),
                measured.method(),
                measured.tolerance(),
                measured.control(),
                measured.cells().stream().map(cell -> same(cell, reason)).toList());
    }

    private static CellComparison same(CellComparison cell, String reason) {
        return switch (cell.verdict()) {
            case REGRESSED, IMPROVED, INCONCLUSIVE, SAME ->
                new CellComparison(
                        cell.key(),
                        cell.metric(),
                        Verdict.SAME,
                        java.util.List.of(reason),
                        cell.base(),
                        cell.head(),
                        cell.estimate());
            case NOT_APPLICABLE, WITHHELD, INVALID, ERROR -> cell;
        };
    }
}
