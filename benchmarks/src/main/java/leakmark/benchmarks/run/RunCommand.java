package leakmark.benchmarks.run;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import leakmark.benchmarks.cli.CommandFailure;
import leakmark.benchmarks.cli.ExitCode;
import leakmark.benchmarks.cli.JsonOption;
import leakmark.benchmarks.cli.OutputFiles;
import leakmark.benchmarks.jmh.GradientStore;
import leakmark.benchmarks.run.Plan.Cell;
import leakmark.reports.claims.ClaimSheets;
import leakmark.reports.html.MarkdownReport;
import leakmark.reports.result.Result;
import leakmark.reports.result.Result.Status;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code leakmark run}: kernels, attacks and the published algorithm measured in one run, ending in a report. */
@Command(
        name = "run",
        description = {
            "Measure kernels, attacks and the published algorithm in one run, and write a report.",
            "Quick by default (six minutes on two cores). JMH's own flags -p -f -wi -i -prof pass through."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  leakmark run --out report",
            "  leakmark run -p batchSize=4,8 -p sequenceLength=16 -p provider=vector,published -i 5",
        })
public final class RunCommand implements Callable<Integer> {
    /** Claims on gradient matching, and on DAGER beside it. */
    private static final List<String> MATCHING_CLAIMS = List.of("L01", "L02", "L07", "L08", "L09", "D07", "D20");

    @Option(names = "--full", description = "All sizes, and the published algorithm at four: about half an hour.")
    private boolean full;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Folder of result.json, report.html and report.md. Default: .leakmark/run-TIME.")
    private @Nullable Path out;

    @Option(names = "--text", paramLabel = "FILE", description = "Sentences, one a line. Default: built-in corpus.")
    private @Nullable Path text;

    @Option(names = "--no-published", description = "Leave the published algorithm out.")
    private boolean withoutPublished;

    @Option(names = "--no-kernels", description = "Leave the kernel benchmarks out.")
    private boolean withoutKernels;

    @Option(names = "--no-dlg", description = "Leave out gradient matching: images and text.")
    private boolean withoutDlg;

    @Option(names = "--only-dlg", description = "Gradient matching only, with its claims: eight minutes.")
    private boolean onlyDlg;

    @Option(names = "-p", paramLabel = "AXIS=VALUES", description = "JMH parameter, values separated by commas.")
    private List<String> axes = List.of();

    @Option(names = "-f", paramLabel = "N", description = "JMH forks.")
    private @Nullable Integer forks;

    @Option(names = "-wi", paramLabel = "N", description = "JMH warm-up iterations.")
    private @Nullable Integer warmups;

    @Option(names = "-i", paramLabel = "N", description = "JMH measured iterations.")
    private @Nullable Integer iterations;

    @Option(names = "-prof", paramLabel = "PROFILER", description = "JMH profiler, for example gc.")
    private List<String> profilers = List.of();

    @Option(names = "-rff", paramLabel = "FILE", description = "Keep JMH's own JSON of the last cell there too.")
    private @Nullable Path jmhResult;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private JsonOption json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (withoutDlg && onlyDlg) {
            throw new CommandFailure(ExitCode.USAGE, "--no-dlg and --only-dlg leave nothing to measure: give one");
        }
        Map<String, List<String>> asked = asked();
        Plan plan = plan(asked);
        Path folder = OutputFiles.folder(out, "run");
        OutputFiles.checkFolder(folder);
        OutputFiles.checkFolder(folder.resolve("gradients"));
        json.check(text == null ? List.of() : List.of(text));
        JmhRunner runner = new JmhRunner(folder, jmhFlags(), properties());
        runner.check();
        PrintWriter lines = json.people(spec.commandLine().getOut());
        Recording recording =
                new Recording(folder, spec.commandLine().getParseResult().originalArgs(), protocol());
        Measurements measurements = new Measurements(recording, folder, lines);
        measurements.roofs();
        List<Cell> attacks = onlyDlg ? List.of() : plan.attacks();
        measurements.gradients(attacks);
        List<Cell> cells = new ArrayList<>(attacks);
        List<Cell> kernels = new ArrayList<>(onlyDlg ? List.of() : plan.kernels());
        if (!withoutDlg) {
            kernels.addAll(Plan.matching(full || onlyDlg));
            cells.addAll(Plan.inversions(full || onlyDlg, !withoutPublished));
        }
        measurements.cells(runner, withoutKernels ? List.of() : kernels, cells);
        measurements.example(attacks);
        if (!withoutDlg && (full || onlyDlg)) {
            measurements.claims(ClaimSheets.named(MATCHING_CLAIMS), full);
        }
        measurements.judge(ClaimSheets.all());
        recording.finish();
        if (jmhResult != null) {
            OutputFiles.copy(folder.resolve("jmh.json"), jmhResult);
        }
        lines.println();
        lines.println(MarkdownReport.render(recording.file()));
        lines.println("report: " + folder.resolve(Recording.HTML));
        lines.flush();
        json.write(spec.commandLine().getOut(), recording.file());
        return exitCode(recording.file().results()).status();
    }

    private static ExitCode exitCode(List<Result> results) {
        // What is not applicable is no pass, but no failure of the others either.
        List<Result> applicable = results.stream()
                .filter(r -> r.status() != Status.NOT_APPLICABLE)
                .toList();
        if (applicable.stream().allMatch(r -> r.status() == Status.ERROR || r.status() == Status.SKIPPED)) {
            return ExitCode.UNFIT;
        }
        return applicable.stream().allMatch(r -> r.status() == Status.OK) ? ExitCode.FINE : ExitCode.GATE_FAILED;
    }

    private Map<String, List<String>> asked() {
        Map<String, List<String>> asked = new LinkedHashMap<>();
        for (String axis : axes) {
            int equals = axis.indexOf('=');
            String name = equals < 0 ? axis : axis.substring(0, equals);
            if (equals < 0 || !Plan.AXES.contains(name)) {
                throw new CommandFailure(
                        ExitCode.USAGE,
                        "-p " + axis + ": there is no such JMH parameter; say AXIS=VALUES with one of "
                                + String.join(", ", Plan.AXES));
            }
            asked.put(name, List.of(axis.substring(equals + 1).split(",")));
        }
        AxisValues.check(asked);
        return asked;
    }

    private Plan plan(Map<String, List<String>> asked) {
        Map<String, String> fixed = new LinkedHashMap<>();
        fixed.put("model", single(asked, "model", "gpt2"));
        fixed.put("weightStd", single(asked, "weightStd", "0.02"));
        fixed.put("seed", single(asked, "seed", "1"));
        return full ? Plan.full(fixed, asked, !withoutPublished) : Plan.quick(fixed, asked, !withoutPublished);
    }

    private static String single(Map<String, List<String>> asked, String axis, String otherwise) {
        List<String> values = asked.getOrDefault(axis, List.of(otherwise));
        if (values.size() != 1) {
            throw new CommandFailure(ExitCode.USAGE, "-p " + axis + ": one value a run, not " + values.size());
        }
        return values.get(0);
    }

    private List<String> jmhFlags() {
        List<String> flags = new ArrayList<>();
        addIf(flags, "-f", forks);
        addIf(flags, "-wi", warmups);
        addIf(flags, "-i", iterations);
        profilers.forEach(profiler -> addIf(flags, "-prof", profiler));
        return flags;
    }

    private static void addIf(List<String> flags, String flag, @Nullable Object value) {
        if (value != null) {
            flags.add(flag);
            flags.add(value.toString());
        }
    }

    private Map<String, String> properties() {
        if (text == null) {
            return Map.of();
        }
        String file = text.toAbsolutePath().toString();
        System.setProperty(GradientStore.TEXT, file);
        return Map.of(GradientStore.TEXT, file);
    }

    private Map<String, String> protocol() {
        Map<String, String> protocol = new LinkedHashMap<>();
        protocol.put("plan", full ? "full" : "quick");
        protocol.put(
                "text", text == null ? "built-in corpus" : text.getFileName().toString());
        protocol.put("timing", "JMH single shots, client gradient excluded from both sides, one fork a cell");
        protocol.put("task", "classification, gradient of the whole model");
        return protocol;
    }
}
