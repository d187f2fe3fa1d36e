package leakmark.benchmarks.compare;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import leakmark.benchmarks.cli.CommandFailure;
import leakmark.benchmarks.cli.ExitCode;
import leakmark.benchmarks.cli.JsonOption;
import leakmark.benchmarks.cli.OutputFiles;
import leakmark.reports.compare.ComparedFiles;
import leakmark.reports.compare.ComparedFiles.Input;
import leakmark.reports.compare.Judge;
import leakmark.reports.html.HtmlReport;
import leakmark.reports.result.JmhJson;
import leakmark.reports.result.Machine;
import leakmark.reports.result.ResultFile;
import leakmark.reports.result.ResultFiles;
import leakmark.reports.result.Run;
import leakmark.reports.result.SideComparison;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code leakmark compare}: two files from different times. */
@Command(
        name = "compare",
        description = {
            "Compare two result files, or two files of JMH JSON, fork by fork, unpaired.",
            "A machine that was slower that day looks like slower code. Where both sides can be run, use leakmark ab."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:no regression",
            "1:a regression, over all cells (Holm)",
            "2:wrong usage, a file that cannot be read, or files from different machines",
            "3:--strict only: inconclusive",
            "4:a cell was withheld or invalid",
            "5:no cell is in both files"
        },
        footerHeading = "%nExample:%n",
        footer = "  leakmark compare monday/result.json friday/result.json --html compared.html")
public final class CompareCommand implements Callable<Integer> {
    private static final Machine UNKNOWN = new Machine("unknown", Map.of(), Map.of(), Map.of());

    @Parameters(index = "0", paramLabel = "A.json", description = "What it was: of leakmark run, ab, or JMH -rf json.")
    @SuppressWarnings("NullAway.Init")
    private Path baseFile;

    @Parameters(index = "1", paramLabel = "B.json", description = "What it is.")
    @SuppressWarnings("NullAway.Init")
    private Path headFile;

    @Option(
            names = "--across-machines",
            description = "Compare fractions of each machine's measured roof; cells without one are not applicable.")
    private boolean acrossMachines;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private VerdictOptions verdicts;

    @Option(names = "--html", paramLabel = "FILE", description = "Write the report there too.")
    private @Nullable Path html;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private JsonOption json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    /** A file, whichever of the two formats it has. */
    private record Loaded(Input input, Machine machine) {}

    @Override
    public Integer call() throws IOException {
        Judge judge = verdicts.judge();
        List<Path> inputs = List.of(baseFile, headFile);
        Loaded base = load(baseFile);
        Loaded head = load(headFile);
        verdicts.check(inputs);
        json.check(inputs);
        if (html != null) {
            OutputFiles.check(html, true, inputs);
        }
        boolean known = !base.machine().equals(UNKNOWN) && !head.machine().equals(UNKNOWN);
        if (known && !base.machine().id().equals(head.machine().id()) && !acrossMachines) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    baseFile + " and " + headFile + " come from different machines ("
                            + base.machine().id() + ", " + head.machine().id()
                            + "); --across-machines compares fractions of their roofs");
        }
        SideComparison comparison = new ComparedFiles(judge).compare(base.input(), head.input(), acrossMachines);
        ResultFile file = new ResultFile(
                        new Run(
                                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                                head.input().side().revision(),
                                spec.commandLine().getParseResult().originalArgs(),
                                0,
                                Map.of("comparison", "unpaired")),
                        head.machine(),
                        head.input().roofs(),
                        head.input().results(),
                        List.of())
                .with(List.of(comparison));
        PrintWriter lines = json.people(spec.commandLine().getOut());
        lines.println(verdicts.summary(file));
        lines.flush();
        if (html != null) {
            HtmlReport.write(file, html);
        }
        json.write(spec.commandLine().getOut(), file);
        return verdicts.exitCode(comparison).status();
    }

    private static Loaded load(Path path) throws IOException {
        if (Files.isRegularFile(path)
                && Files.readString(path, java.nio.charset.StandardCharsets.ISO_8859_1)
                        .stripLeading()
                        .startsWith("[")) {
            return new Loaded(
                    new Input(new SideComparison.Side(path.toString(), null, null), JmhJson.read(path), List.of()),
                    UNKNOWN);
        }
        ResultFile file = ResultFiles.read(path);
        SideComparison.Side side =
                new SideComparison.Side(path.toString(), file.run().gitRevision(), null);
        return new Loaded(new Input(side, file.results(), file.roofs()), file.machine());
    }
}
