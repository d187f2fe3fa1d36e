package leakmark.benchmarks.compare;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import leakmark.benchmarks.cli.CommandFailure;
import leakmark.benchmarks.cli.ExitCode;
import leakmark.benchmarks.cli.JsonOption;
import leakmark.benchmarks.cli.OutputFiles;
import leakmark.benchmarks.cli.Progress;
import leakmark.benchmarks.run.Gate;
import leakmark.benchmarks.run.Recording;
import leakmark.kernels.vector.Roofs;
import leakmark.reports.compare.Judge;
import leakmark.reports.result.Roof;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code leakmark ab}: two sides measured in turn, and a verdict. */
@Command(
        name = "ab",
        description = {
            "Measure two jars or git revisions in turn, and say whether HEAD is slower.",
            "Each round is one fork of both sides, in ABBA order; intervals are over rounds, never over",
            "iterations. Without --benchmark: the attack's kernels and a small attack, about 11 minutes."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:no regression",
            "1:a regression, confirmed by a second measurement and over all cells (Holm)",
            "2:wrong usage",
            "3:--strict only: inconclusive",
            "4:a side recovered too little, or is faster than the roofs allow",
            "5:a revision does not build, nothing was measured, or base differs from itself"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  leakmark ab HEAD~1 HEAD",
            "  leakmark ab old.jar new.jar --benchmark RowSpace -p rank=200 --markdown summary.md",
        })
public final class AbCommand implements Callable<Integer> {
    @Parameters(
            index = "0",
            paramLabel = "BASE",
            description = "A leakmark.jar, its lib folder beside it, or a revision.")
    private String baseName = "";

    @Parameters(index = "1", paramLabel = "HEAD", description = "The same; what is judged.")
    private String headName = "";

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private CellOptions options;

    @Option(names = "--rounds", paramLabel = "N", defaultValue = "10", description = "Rounds, at least 6. Default: 10.")
    private int rounds;

    @Option(
            names = "--measure-equal-code",
            description = "Measure even if both sides run the same code, which cannot regress.")
    private boolean measureEqual;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Folder of result.json, report.html and report.md. Default: .leakmark/ab-TIME.")
    private @Nullable Path out;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private VerdictOptions verdicts;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private JsonOption json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() {
        Judge judge = verdicts.judge();
        if (rounds < Judge.LEAST_ROUNDS) {
            throw new CommandFailure(
                    ExitCode.USAGE, "--rounds " + rounds + ": a verdict needs at least " + Judge.LEAST_ROUNDS);
        }
        Map<String, List<String>> asked = options.asked();
        json.check(List.of());
        verdicts.check(List.of());
        Revisions revisions = new Revisions(Path.of(".leakmark", "builds"), "git", "mvn");
        Program base = revisions.open(baseName);
        Program head = revisions.open(headName);
        List<ComparedCell> cells = ComparedCell.select(base, head, options.patterns(), asked);
        Path folder = OutputFiles.folder(out, "ab");
        OutputFiles.checkFolder(folder);
        PrintWriter lines = json.people(spec.commandLine().getOut());
        Recording recording =
                new Recording(folder, spec.commandLine().getParseResult().originalArgs(), protocol());
        Rounds measured = new Rounds(base, head, cells, judge);
        boolean equal = base.side().codeHash() != null
                && base.side().codeHash().equals(head.side().codeHash());
        if (equal && !measureEqual) {
            recording.set(EqualCode.same(measured.comparison()), List.of());
        } else {
            measure(recording, measured, folder, judge, equal);
        }
        recording.finish();
        lines.println(verdicts.summary(recording.file()));
        lines.println("report: " + folder.resolve(Recording.HTML));
        lines.flush();
        json.write(spec.commandLine().getOut(), recording.file());
        return verdicts.exitCode(recording.file().comparisons().get(0)).status();
    }

    private void measure(Recording recording, Rounds measured, Path folder, Judge judge, boolean equal) {
        roofs(recording);
        Gate gate = new Gate(recording.roofs());
        try (JmhForks jmh = new JmhForks(folder, options.timed(), options.shots())) {
            Forks forks = (together, rehearsal) -> jmh.run(together, rehearsal).stream()
                    .map(result -> result.summary() == null ? result : gate.judge(result))
                    .toList();
            List<ComparedCell> open = measured.open();
            try (Progress progress = Progress.of("rehearsal", 2L * open.size())) {
                measured.rehearse(forks, progress::step, result -> !jmh.isStopped());
            }
            run(recording, measured, measured.open(), forks, jmh, measured.hasControl(), equal);
            List<ComparedCell> flagged = equal ? List.of() : measured.flagged();
            if (!flagged.isEmpty() && !jmh.isStopped()) {
                Rounds second = new Rounds(measured.base(), measured.head(), flagged, judge);
                run(null, second, flagged, forks, jmh, false, false);
                if (!jmh.isStopped()) {
                    measured.confirm(second);
                    recording.set(measured.comparison(), measured.headResults());
                }
            }
        }
    }

    private void run(
            @Nullable Recording recording,
            Rounds measured,
            List<ComparedCell> cells,
            Forks forks,
            JmhForks jmh,
            boolean control,
            boolean equal) {
        String task = recording == null ? "measuring again" : "rounds";
        try (Progress progress = Progress.of(task, (long) rounds * (2 * cells.size() + (control ? 1 : 0)))) {
            for (int round = 0; round < rounds && !jmh.isStopped(); round++) {
                boolean kept = measured.round(round, cells, control, forks, progress::step, result -> !jmh.isStopped());
                if (kept && recording != null) {
                    recording.set(
                            equal ? EqualCode.same(measured.comparison()) : measured.comparison(),
                            measured.headResults());
                }
            }
        }
        if (cells.isEmpty() && recording != null) {
            recording.set(measured.comparison(), measured.headResults());
        }
    }

    /** What the gate holds kernels against. */
    private static void roofs(Recording recording) {
        int cores = Runtime.getRuntime().availableProcessors();
        try (Progress progress = Progress.of("roofs", 2)) {
            recording.add(new Roof("memory bandwidth", cores, Roofs.memoryBandwidth(cores), "GB/s"));
            progress.step();
            recording.add(new Roof("fused multiply-add", cores, Roofs.fmaRate(cores), "GFLOP/s"));
            progress.step();
        }
    }

    private Map<String, String> protocol() {
        Map<String, String> protocol = new LinkedHashMap<>();
        protocol.put(
                "rounds", rounds + ", one fork of each side at a time, an iteration each in turn, sides in ABBA order");
        protocol.put(
                "timing",
                "JMH " + String.join(" ", options.timed()) + "; single shots " + String.join(" ", options.shots()));
        protocol.put("tolerance", String.format(Locale.ROOT, "±%.1f %%", 100 * verdicts.tolerance()));
        return protocol;
    }
}
