package leakmark.benchmarks.run;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import leakmark.benchmarks.cli.CommandFailure;
import leakmark.benchmarks.cli.ExitCode;
import leakmark.benchmarks.cli.JsonOption;
import leakmark.benchmarks.cli.OutputFiles;
import leakmark.reports.history.History;
import leakmark.reports.history.Timeline;
import leakmark.reports.html.HtmlReport;
import leakmark.reports.result.ResultFiles;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code leakmark history}: results over time. */
@Command(
        name = "history",
        description = "Keep result files under reports/history, and find where a cell's level changed.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "add|show|detect",
        footerHeading = "%nExamples:%n",
        footer = {"  leakmark history add result.json --note 'new token filter'", "  leakmark history detect"},
        subcommands = {HistoryCommand.Add.class, HistoryCommand.Show.class, HistoryCommand.Detect.class})
public final class HistoryCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "which? " + String.join(", ", spec.subcommands().keySet()));
    }

    /** Where the history is. */
    static final class Folder {
        @Option(
                names = "--dir",
                paramLabel = "DIR",
                defaultValue = "reports/history",
                description = "Folder of the history. Default: reports/history.")
        private Path folder = Path.of("reports", "history");

        History read() throws IOException {
            History history = History.read(folder);
            if (history.entries().isEmpty()) {
                throw new CommandFailure(
                        ExitCode.UNFIT, folder + " has no results; add one with `leakmark history add result.json`");
            }
            return history;
        }
    }

    /** {@code leakmark history add}. */
    @Command(
            name = "add",
            description = "Add a run's results; commit the file it names.",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            footerHeading = "%nExample:%n",
            footer = "  leakmark history add .leakmark/run-20260101-120000/result.json")
    static final class Add implements Runnable {
        @Parameters(paramLabel = "FILE.json", description = "The result file that `leakmark run` wrote.")
        @SuppressWarnings("NullAway.Init")
        private Path file;

        @Option(names = "--note", paramLabel = "TEXT", description = "What to know about this run.")
        private String note = "";

        @Mixin
        private Folder folder = new Folder();

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public void run() {
            leakmark.reports.result.ResultFile results = ResultFiles.read(file);
            OutputFiles.checkFolder(folder.folder);
            try {
                Path added = History.add(folder.folder, results, note);
                spec.commandLine().getOut().println(added);
                spec.commandLine().getOut().flush();
            } catch (IOException e) {
                throw new CommandFailure(ExitCode.USAGE, folder.folder + " cannot be written: " + e.getMessage());
            }
        }
    }

    /** {@code leakmark history show}. */
    @Command(
            name = "show",
            description = "Every cell's values over time, as text and as one offline HTML file.",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            footerHeading = "%nExample:%n",
            footer = "  leakmark history show --out history.html")
    static final class Show implements Callable<Integer> {
        @Mixin
        private Folder folder = new Folder();

        @Option(names = "--out", paramLabel = "FILE.html", description = "Write the page there.")
        private @Nullable Path out;

        @Mixin
        @SuppressWarnings("NullAway.Init")
        private JsonOption json;

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public Integer call() throws IOException {
            History history = folder.read();
            Path page = out;
            if (page != null) {
                OutputFiles.check(page, true, files(folder.folder));
            }
            json.check(files(folder.folder));
            PrintWriter output = spec.commandLine().getOut();
            PrintWriter people = json.people(output);
            for (Timeline timeline : history.timelines()) {
                people.println(timeline.title() + (timeline.normalised() ? ", times × roofs" : ""));
                for (int i = 0; i < timeline.points().size(); i++) {
                    Timeline.Point point = timeline.points().get(i);
                    people.printf(
                            Locale.ROOT,
                            "  %-20s %-16s %12.4g%s%n",
                            point.entry().file().run().startedAt(),
                            point.entry().label(),
                            timeline.values().get(i),
                            point.entry().note().isEmpty()
                                    ? ""
                                    : "  " + point.entry().note());
                }
            }
            if (page != null) {
                HtmlReport.write(history, page);
                people.println(page);
            }
            people.flush();
            json.write(output, history.timelines().stream().map(Show::row).toList());
            return ExitCode.FINE.status();
        }

        private static List<Path> files(Path folder) throws IOException {
            try (var files = Files.list(folder)) {
                return files.toList();
            }
        }

        private static Map<String, Object> row(Timeline timeline) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("key", timeline.key());
            row.put("normalised", timeline.normalised());
            row.put("values", timeline.values());
            row.put(
                    "revisions",
                    timeline.points().stream()
                            .map(point -> point.entry().label())
                            .toList());
            return row;
        }
    }

    /** {@code leakmark history detect}. */
    @Command(
            name = "detect",
            description = {
                "Find changes of level (E-divisive, p at most 0.001, three runs on each side, at least 3 %).",
                "Exit status: 1 if the latest level of a cell is worse than the one before it."
            },
            mixinStandardHelpOptions = true,
            footerHeading = "%nExample:%n",
            footer = "  leakmark history detect --json")
    static final class Detect implements Callable<Integer> {
        @Mixin
        private Folder folder = new Folder();

        @Mixin
        @SuppressWarnings("NullAway.Init")
        private JsonOption json;

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        /** A change of one cell. */
        record Found(
                leakmark.reports.result.Result.Key key,
                String revision,
                String startedAt,
                double ratio,
                double p,
                boolean worse,
                boolean latest) {}

        @Override
        public Integer call() throws IOException {
            History history = folder.read();
            json.check(List.of());
            PrintWriter output = spec.commandLine().getOut();
            PrintWriter people = json.people(output);
            List<Found> all = new ArrayList<>();
            List<Timeline> timelines = history.timelines();
            for (Timeline timeline : timelines) {
                List<Timeline.Change> changes = timeline.changes();
                for (int i = 0; i < changes.size(); i++) {
                    Timeline.Change change = changes.get(i);
                    History.Entry entry = timeline.points().get(change.index()).entry();
                    all.add(new Found(
                            timeline.key(),
                            entry.label(),
                            entry.file().run().startedAt(),
                            change.ratio(),
                            change.p(),
                            change.worse(),
                            i + 1 == changes.size()));
                }
            }
            for (Found found : all) {
                people.printf(
                        Locale.ROOT,
                        "%s %s: %.3f times (p %.3g) from %s, %s%n",
                        found.worse() ? "WORSE " : "BETTER",
                        found.key(),
                        found.ratio(),
                        found.p(),
                        found.revision(),
                        found.startedAt());
            }
            people.println(all.size() + " changes in " + timelines.size() + " cells over "
                    + history.entries().size() + " runs");
            people.flush();
            json.write(output, all);
            return all.stream().anyMatch(found -> found.worse() && found.latest())
                    ? ExitCode.REGRESSION.status()
                    : ExitCode.FINE.status();
        }
    }
}
