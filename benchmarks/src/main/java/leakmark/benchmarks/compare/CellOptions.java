package leakmark.benchmarks.compare;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import leakmark.benchmarks.cli.CommandFailure;
import leakmark.benchmarks.cli.ExitCode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What is measured, and for how long. */
final class CellOptions {
    @Option(
            names = "--benchmark",
            paramLabel = "PATTERN",
            description = "Benchmarks whose class.method it finds, with all their parameters. Repeatable.")
    private List<String> patterns = List.of();

    @Option(names = "-p", paramLabel = "AXIS=VALUES", description = "JMH parameter, values separated by commas.")
    private List<String> axes = List.of();

    @Option(names = "-wi", paramLabel = "N", description = "JMH warm-up iterations.")
    private @Nullable Integer warmups;

    @Option(names = "-w", paramLabel = "TIME", description = "Their time, such as 300ms.")
    private @Nullable String warmupTime;

    @Option(names = "-i", paramLabel = "N", description = "JMH measured iterations.")
    private @Nullable Integer iterations;

    @Option(names = "-r", paramLabel = "TIME", description = "Their time, such as 200ms.")
    private @Nullable String iterationTime;

    List<String> patterns() {
        return patterns;
    }

    /** Values of axes by name. */
    Map<String, List<String>> asked() {
        Map<String, List<String>> asked = new LinkedHashMap<>();
        for (String axis : axes) {
            int equals = axis.indexOf('=');
            if (equals < 1 || equals == axis.length() - 1) {
                throw new CommandFailure(ExitCode.USAGE, "-p " + axis + ": say AXIS=VALUES, such as rank=200");
            }
            asked.put(
                    axis.substring(0, equals),
                    List.of(axis.substring(equals + 1).split(",", -1)));
        }
        check("-wi", warmups, 0);
        check("-i", iterations, 1);
        check("-w", warmupTime);
        check("-r", iterationTime);
        return asked;
    }

    private static void check(String name, @Nullable Integer value, int least) {
        if (value != null && value < least) {
            throw new CommandFailure(ExitCode.USAGE, name + " " + value + ": at least " + least);
        }
    }

    private static void check(String name, @Nullable String time) {
        if (time != null && !time.matches("[1-9][0-9]*(ms|s)")) {
            throw new CommandFailure(ExitCode.USAGE, name + " " + time + ": a time such as 200ms or 1s");
        }
    }

    /**
     * JMH's flags for benchmarks of averages. Kernels of the Vector API are compiled after 2 to 4 s of two forks at a time on two
     * cores; before that they take up to twenty times as long. Turns are short: what a shared machine does to kernels on all
     * cores changes within 50 ms. Repetitions come from rounds.
     */
    List<String> timed() {
        return List.of(
                "-wi",
                Integer.toString(warmups == null ? 8 : warmups),
                "-w",
                warmupTime == null ? "500ms" : warmupTime,
                "-i",
                Integer.toString(iterations == null ? 60 : iterations),
                "-r",
                iterationTime == null ? "15ms" : iterationTime);
    }

    /** JMH's flags for single shots: the benchmark's own numbers if none are given. */
    List<String> shots() {
        List<String> flags = new ArrayList<>();
        if (warmups != null) {
            flags.addAll(List.of("-wi", warmups.toString()));
        }
        if (iterations != null) {
            flags.addAll(List.of("-i", iterations.toString()));
        }
        return flags;
    }
}
