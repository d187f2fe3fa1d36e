package leakmark.benchmarks.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
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
        footerHeading = "%nExample:%n",
        footer = "  leakmark report results.json --out report")
final class ReportCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE.json", description = "The result file that `leakmark run` wrote.")
    @SuppressWarnings("NullAway.Init")
    private Path file;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = ".",
            description = "Folder of report.html and report.md, made if it is not there. Default: this one.")
    private Path folder = Path.of(".");

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
        ResultFile results = ResultFiles.read(file);
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
        HtmlReport.write(results, html);
        AtomicFile.write(markdown, MarkdownReport.render(results));
        PrintWriter output = spec.commandLine().getOut();
        json.people(output)
                .println(html + " and " + markdown + ": " + results.results().size() + " results");
        json.write(output, Map.of("html", html.toString(), "markdown", markdown.toString()));
        return ExitCode.FINE.status();
    }
}
