package leakmark.benchmarks.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import leakmark.reports.history.History;
import leakmark.reports.html.HtmlReport;
import leakmark.reports.html.MarkdownReport;
import leakmark.reports.result.AtomicFile;
import leakmark.reports.result.JmhJson;
import leakmark.reports.result.ResultFile;
import leakmark.reports.result.ResultFiles;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code leakmark report}: a result file as HTML and Markdown. */
@Command(
        name = "report",
        description = "Render a result file as one offline HTML file and a Markdown table.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:written",
            "2:wrong usage, or a file that is no result file",
            "5:nothing was measured here yet"
        },
        footerHeading = "%nExamples:%n",
        footer = {"  leakmark report", "  leakmark report results.json --out report"})
final class ReportCommand implements Callable<Integer> {
    private static final Path RUNS = Path.of(".leakmark");

    private static final Path HISTORY = Path.of("reports", "history");

    @Parameters(
            arity = "0..1",
            paramLabel = "FILE.json",
            description = "A result file. Default: the newest of .leakmark, else of reports/history.")
    private @Nullable Path given;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = ".",
            description = "Folder of report.html and report.md, made if it is not there. Default: this one.")
    private Path folder = Path.of(".");

    @Option(
            names = "--history",
            paramLabel = "DIR",
            description = "Add a page on the runs in there, such as reports/history.")
    private @Nullable Path history;

    @Option(
            names = "--jmh",
            paramLabel = "FILE",
            description = "Write the results with a score as JMH's JSON there too.")
    private @Nullable Path jmh;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private JsonOption json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        Path file = given == null ? newest() : given;
        ResultFile results = ResultFiles.read(file);
        History earlier = history == null ? null : History.read(history);
        if (earlier != null && earlier.entries().isEmpty()) {
            throw new CommandFailure(ExitCode.USAGE, history + " holds no runs; leakmark history add puts them there");
        }
        OutputFiles.checkFolder(folder);
        Path html = folder.resolve("report.html");
        Path markdown = folder.resolve("report.md");
        // Both are this command's own and replaced; the result file may have such a name.
        OutputFiles.check(html, true, List.of(file));
        OutputFiles.check(markdown, true, List.of(file));
        json.check(List.of(file, html, markdown));
        if (jmh != null) {
            OutputFiles.check(jmh, true, List.of(file, html, markdown));
            JmhJson.write(results.results(), jmh);
        }
        HtmlReport.write(results, earlier, html);
        AtomicFile.write(markdown, MarkdownReport.render(results));
        PrintWriter output = spec.commandLine().getOut();
        json.people(output)
                .println(html + " and " + markdown + ": " + results.results().size() + " results");
        json.write(output, Map.of("html", html.toString(), "markdown", markdown.toString()));
        return ExitCode.FINE.status();
    }

    private static Path newest() throws IOException {
        List<Path> found = new ArrayList<>();
        if (Files.isDirectory(RUNS)) {
            try (Stream<Path> folders = Files.list(RUNS)) {
                folders.map(folder -> folder.resolve("result.json"))
                        .filter(Files::isRegularFile)
                        .forEach(found::add);
            }
        }
        if (found.isEmpty() && Files.isDirectory(HISTORY)) {
            try (Stream<Path> files = Files.list(HISTORY)) {
                files.filter(path -> path.toString().endsWith(".json")).forEach(found::add);
            }
        }
        // By name where times are equal, as after a checkout: names of the history begin with the time of the run.
        return found.stream()
                .max(Comparator.comparingLong((Path path) -> path.toFile().lastModified() / 60_000)
                        .thenComparing(Path::toString))
                .orElseThrow(
                        () -> new CommandFailure(
                                ExitCode.UNFIT,
                                "nothing was measured here yet: leakmark run measures, and leakmark report FILE.json takes a file"));
    }
}
