package leakmark.reports.html;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import leakmark.reports.compare.Judge;
import leakmark.reports.result.CellComparison;
import leakmark.reports.result.CellComparison.Estimate;
import leakmark.reports.result.CellComparison.Verdict;
import leakmark.reports.result.ResultFile;
import leakmark.reports.result.SideComparison;
import org.jspecify.annotations.Nullable;

/** Comparisons as Markdown, for a terminal and for a pull request. */
public final class ComparisonSummary {
    private ComparisonSummary() {}

    /** A sentence, a table of all cells, and the machine, for each comparison of the file. */
    public static String render(ResultFile file) {
        List<String> blocks = new ArrayList<>();
        for (SideComparison comparison : file.comparisons()) {
            blocks.add("**" + MarkdownReport.escape(sentence(comparison)) + "** "
                    + MarkdownReport.escape(method(comparison)));
            blocks.add(table(comparison));
            CellComparison control = comparison.control();
            if (control != null) {
                blocks.add("Negative control, base against base: " + MarkdownReport.escape(change(control.estimate()))
                        + ", " + control.verdict() + ".");
            }
        }
        blocks.add("Machine " + MarkdownReport.code(file.machine().id()) + " ("
                + MarkdownReport.escape(Format.join(file.machine().stable().values())) + ").");
        return String.join("\n\n", blocks) + "\n";
    }

    /** What the whole comparison says. */
    static String sentence(SideComparison comparison) {
        String sides =
                comparison.head().name() + " against " + comparison.base().name() + ": ";
        long regressed = Judge.regressions(comparison).size();
        List<String> parts = new ArrayList<>();
        if (regressed > 0) {
            parts.add(regressed + " slower");
        }
        long undecided = Judge.undecided(comparison).size();
        for (Verdict verdict : Verdict.values()) {
            long count = verdict == Verdict.REGRESSED
                    ? 0
                    : verdict == Verdict.INCONCLUSIVE
                            ? undecided
                            : comparison.cells().stream()
                                    .filter(cell -> cell.verdict() == verdict)
                                    .count();
            if (count > 0) {
                parts.add(count + " " + words(verdict));
            }
        }
        return sides + (parts.isEmpty() ? "nothing was compared" : String.join(", ", parts)) + ".";
    }

    private static String words(Verdict verdict) {
        return switch (verdict) {
            case REGRESSED -> "slower";
            case IMPROVED -> "faster";
            default -> verdict.name().toLowerCase(Locale.ROOT).replace('_', ' ');
        };
    }

    /** How it was measured, in a sentence. */
    static String method(SideComparison comparison) {
        String tolerance = ", tolerance ±" + Format.percent(comparison.tolerance()) + ".";
        return switch (comparison.method()) {
            case PAIRED -> "Paired rounds in ABBA order, one fork each, 95 % t-intervals" + tolerance;
            case UNPAIRED ->
                "Unpaired: two files from different times, forks compared by rank sums; a drift of the machine between"
                        + " them is not seen" + tolerance;
            case UNPAIRED_ROOF_FRACTION ->
                "Unpaired and from different machines: fractions of each machine's measured roof" + tolerance;
        };
    }

    /** Every cell as a row. */
    static String table(SideComparison comparison) {
        List<List<String>> rows = comparison.cells().stream()
                .map(cell -> List.of(
                        name(cell),
                        cell.verdict().name(),
                        change(cell.estimate()),
                        interval(cell.estimate()),
                        cell.estimate() == null
                                ? Format.NONE
                                : Format.digits(cell.estimate().qDifferent()),
                        detectable(cell.estimate()),
                        forks(cell),
                        Format.join(cell.reasons())))
                .toList();
        return MarkdownReport.table(
                List.of("cell", "verdict", "change of time", "95 % interval", "q", "detectable", "forks", "remark"),
                rows);
    }

    /** Benchmark, variant and parameters. */
    static String name(CellComparison cell) {
        String name = cell.key().benchmark() + " " + cell.key().variant() + " "
                + Format.params(cell.key().params());
        return name.replaceAll(" +", " ").strip();
    }

    static String change(@Nullable Estimate estimate) {
        return estimate == null ? Format.NONE : signed(estimate.ratio());
    }

    static String interval(@Nullable Estimate estimate) {
        return estimate == null ? Format.NONE : signed(estimate.low()) + " to " + signed(estimate.high());
    }

    static String detectable(@Nullable Estimate estimate) {
        Double detectable = estimate == null ? null : estimate.detectable();
        return detectable == null ? Format.NONE : Format.percent(detectable);
    }

    static String forks(CellComparison cell) {
        return cell.base().size() == cell.head().size()
                ? Integer.toString(cell.base().size())
                : List.of(cell.base().size(), cell.head().size()).stream()
                        .map(String::valueOf)
                        .collect(Collectors.joining(" and "));
    }

    private static String signed(double ratio) {
        return String.format(Locale.ROOT, "%+.1f %%", 100 * (ratio - 1));
    }
}
