package leakmark.benchmarks.compare;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import leakmark.benchmarks.cli.CommandFailure;
import leakmark.benchmarks.cli.ExitCode;
import leakmark.benchmarks.cli.JsonOption;
import leakmark.benchmarks.cli.OutputFiles;
import leakmark.benchmarks.cli.Progress;
import leakmark.benchmarks.run.Recording;
import leakmark.reports.compare.Judge;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code leakmark selftest}: whether verdicts can be trusted on this machine. */
@Command(
        name = "selftest",
        description = {
            "Check the instrument on this machine: equal code must come out equal, and a slow-down of 10 %% be found.",
            "Prints the measured rate of false positives."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:verdicts can be trusted here",
            "2:wrong usage",
            "5:this machine is too noisy, or nothing was measured"
        },
        footerHeading = "%nExample:%n",
        footer = "  leakmark selftest --repetitions 20 --budget 2100")
public final class SelfTestCommand implements Callable<Integer> {
    private static final List<String> BRIEF = List.of("-wi", "1", "-w", "10ms", "-i", "3", "-r", "10ms");

    @Option(
            names = "--budget",
            paramLabel = "SECONDS",
            defaultValue = "120",
            description = "No repetition starts that would end later, and none goes on after it. Default: 120.")
    private int budget;

    @Option(
            names = "--repetitions",
            paramLabel = "N",
            defaultValue = "20",
            description = "Most repetitions, if the budget lasts. Default: 20.")
    private int repetitions;

    @Option(names = "--rounds", paramLabel = "N", defaultValue = "10", description = "Rounds, at least 6. Default: 10.")
    private int rounds;

    @Option(names = "--brief", hidden = true, description = "Forks too short to say anything: does it run at all?")
    private boolean brief;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Folder of result.json and the report. Default: .leakmark/selftest-TIME.")
    private @Nullable Path out;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private JsonOption json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (rounds < Judge.LEAST_ROUNDS || repetitions < 1 || budget < 1) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "at least " + Judge.LEAST_ROUNDS
                            + " --rounds, 1 of --repetitions and 1 second of --budget are needed");
        }
        json.check(List.of());
        Instant start = Instant.now();
        SelfTest test = new SelfTest(Program.here(), new Judge(0.03));
        Path folder = OutputFiles.folder(out, "selftest");
        OutputFiles.checkFolder(folder);
        Recording recording = new Recording(
                folder,
                spec.commandLine().getParseResult().originalArgs(),
                Map.of("rounds", rounds + ", four forks each"));
        String failure;
        try (JmhForks forks = new JmhForks(folder, brief ? BRIEF : List.of(), List.of())) {
            failure = run(test, forks, start, recording);
        }
        recording.finish();
        if (failure != null && test.repetitions().isEmpty()) {
            throw new CommandFailure(ExitCode.UNFIT, "the self-test could not be measured: " + failure);
        }
        PrintWriter lines = json.people(spec.commandLine().getOut());
        lines.println(test.summary());
        List<String> faults = test.faults();
        faults.forEach(fault -> lines.println("does not hold: " + fault));
        if (faults.isEmpty()) {
            lines.println("holds: verdicts can be trusted on this machine");
        }
        lines.println("report: " + folder.resolve(Recording.HTML));
        lines.flush();
        json.write(spec.commandLine().getOut(), recording.file());
        return (faults.isEmpty() ? ExitCode.FINE : ExitCode.UNFIT).status();
    }

    private @Nullable String run(SelfTest test, JmhForks forks, Instant start, Recording recording) {
        long steps = (long) repetitions * rounds * SelfTest.FORKS_A_ROUND;
        try (Progress progress = Progress.of("self-test", steps)) {
            for (int repetition = 0; repetition < repetitions; repetition++) {
                String failure = test.repeat(rounds, forks, progress::step, () -> elapsed(start) > budget);
                if (failure == null) {
                    recording.set(test.repetitions(), Map.of("selftest", test.outcome()));
                }
                double each = elapsed(start) / (repetition + 1);
                if (failure != null || elapsed(start) + each > budget) {
                    return failure;
                }
            }
        }
        return null;
    }

    private static double elapsed(Instant start) {
        return Duration.between(start, Instant.now()).toMillis() * 1e-3;
    }
}
