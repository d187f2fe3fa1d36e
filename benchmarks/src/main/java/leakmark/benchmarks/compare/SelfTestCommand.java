package leakmark.benchmarks.compare;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import leakmark.benchmarks.cli.CommandFailure;
import leakmark.benchmarks.cli.ExitCode;
import leakmark.benchmarks.cli.JsonOption;
import leakmark.benchmarks.cli.Machines;
import leakmark.benchmarks.cli.Progress;
import leakmark.reports.compare.Judge;
import leakmark.reports.result.ResultFile;
import leakmark.reports.result.Run;
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
            "Check the instrument on this machine: the same code on both sides must come out the same, and an",
            "injected slow-down of 10 %% must be found. Prints the measured rate of false positives."
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
        footer = "  leakmark selftest --repetitions 20 --budget 1800")
public final class SelfTestCommand implements Callable<Integer> {
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

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private JsonOption json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (rounds < Judge.LEAST_ROUNDS || repetitions < 1 || budget < 1) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "at least " + Judge.LEAST_ROUNDS
                            + " --rounds, 1 of --repetitions and 1 second of --budget are needed");
        }
        json.check(List.of());
        Instant start = Instant.now();
        SelfTest test = new SelfTest(Program.here(), new Judge(0.03));
        Path folder = Files.createTempDirectory("leakmark-selftest");
        String failure;
        try (JmhForks forks = new JmhForks(folder, List.of(), List.of(), List.of())) {
            failure = run(test, forks, start);
        }
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
        lines.flush();
        json.write(
                spec.commandLine().getOut(),
                new ResultFile(
                                new Run(
                                        start.truncatedTo(ChronoUnit.SECONDS).toString(),
                                        null,
                                        spec.commandLine().getParseResult().originalArgs(),
                                        1,
                                        Map.of("selftest", faults.isEmpty() ? "holds" : String.join("; ", faults))),
                                Machines.here(),
                                List.of(),
                                List.of(),
                                List.of())
                        .with(test.repetitions()));
        return (faults.isEmpty() ? ExitCode.FINE : ExitCode.UNFIT).status();
    }

    private @Nullable String run(SelfTest test, JmhForks forks, Instant start) {
        long steps = (long) repetitions * rounds * SelfTest.FORKS_A_ROUND;
        try (Progress progress = Progress.of("self-test", steps)) {
            for (int repetition = 0; repetition < repetitions; repetition++) {
                String failure = test.repeat(rounds, forks, progress::step, () -> elapsed(start) > budget);
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
