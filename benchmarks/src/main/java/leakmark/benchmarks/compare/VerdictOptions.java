package leakmark.benchmarks.compare;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Set;
import leakmark.benchmarks.cli.CommandFailure;
import leakmark.benchmarks.cli.ExitCode;
import leakmark.benchmarks.cli.OutputFiles;
import leakmark.reports.compare.Judge;
import leakmark.reports.html.ComparisonSummary;
import leakmark.reports.result.AtomicFile;
import leakmark.reports.result.CellComparison;
import leakmark.reports.result.CellComparison.Verdict;
import leakmark.reports.result.ResultFile;
import leakmark.reports.result.SideComparison;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a comparison is judged, and where its summary goes. */
final class VerdictOptions {
    private static final Set<Verdict> UNMEASURED = EnumSet.of(Verdict.ERROR, Verdict.NOT_APPLICABLE);

    @Option(
            names = "--tolerance",
            paramLabel = "FRACTION",
            defaultValue = "0.03",
            description = "What is called the same, 0.03 for 3 %%. Default: 0.03.")
    private double tolerance;

    @Option(names = "--strict", description = "Exit 3 if a cell is inconclusive.")
    private boolean strict;

    @Option(names = "--markdown", paramLabel = "FILE", description = "Write the summary there too, for a pull request.")
    private @Nullable Path markdown;

    double tolerance() {
        return tolerance;
    }

    Judge judge() {
        if (!(tolerance > 0 && tolerance < 1)) {
            throw new CommandFailure(
                    ExitCode.USAGE, "--tolerance " + tolerance + ": between 0 and 1, such as 0.03 for 3 %");
        }
        return new Judge(tolerance);
    }

    /** Checks that the summary can be written. */
    void check(Collection<Path> inputs) {
        if (markdown != null) {
            OutputFiles.check(markdown, true, inputs);
        }
    }

    /** The summary as Markdown, written to the file if one was asked for. */
    String summary(ResultFile file) {
        String text = ComparisonSummary.render(file);
        if (markdown != null) {
            try {
                AtomicFile.write(markdown, text);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return text;
    }

    /** What the process says; a failed gate comes before anything about speed. */
    ExitCode exitCode(SideComparison comparison) {
        Set<Verdict> seen = EnumSet.noneOf(Verdict.class);
        comparison.cells().forEach(cell -> seen.add(cell.verdict()));
        if (UNMEASURED.containsAll(seen)) {
            return ExitCode.UNFIT;
        }
        if (seen.contains(Verdict.WITHHELD) || seen.contains(Verdict.INVALID)) {
            return ExitCode.GATE_FAILED;
        }
        CellComparison control = comparison.control();
        boolean unfit =
                control != null && (control.verdict() == Verdict.REGRESSED || control.verdict() == Verdict.IMPROVED);
        if (unfit || seen.contains(Verdict.ERROR)) {
            return ExitCode.UNFIT;
        }
        if (!Judge.regressions(comparison).isEmpty()) {
            return ExitCode.REGRESSION;
        }
        return strict && !Judge.undecided(comparison).isEmpty() ? ExitCode.INCONCLUSIVE : ExitCode.FINE;
    }
}
