package leakmark.benchmarks.run;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import leakmark.benchmarks.cli.CommandFailure;
import leakmark.benchmarks.cli.ExitCode;
import leakmark.benchmarks.cli.JsonOption;
import leakmark.benchmarks.cli.OutputFiles;
import leakmark.benchmarks.cli.Progress;
import leakmark.benchmarks.latency.LatencyLog;
import leakmark.benchmarks.latency.OpenLoop;
import leakmark.kernels.KernelProvider;
import leakmark.reports.result.AtomicFile;
import leakmark.reports.result.Latency;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code leakmark latency}: how long single calls take when they come at a given rate. */
@Command(
        name = "latency",
        description = {
            "Call a whole attack or a kernel at intended times, and report percentiles of the response times.",
            "A call that starts late because one before it was slow has waited, and that counts.",
            "Exit status: 4 if an attack did not recover its batch."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  leakmark latency dager --model small --batch-size 8 --rate 5",
            "  leakmark latency vocabulary-sweep --model small --seconds 20"
        })
public final class LatencyCommand implements Callable<Integer> {
    /** Used where no rate is given: the part of the warm-up's own rate that is offered. */
    private static final double LOAD = 0.5;

    /** The first calls are the JVM's. */
    private static final int FEWEST_CALLS = 10;

    /** Finished calls below this part of the due ones: the load was more than the machine can do. */
    private static final double KEPT_UP = 0.95;

    @Parameters(paramLabel = "WHAT", description = "dager, vocabulary-sweep, residuals or prefix-extension.")
    private String what = "";

    @Mixin
    private Workload workload = new Workload("small", 8, 16);

    @Option(
            names = "--rate",
            paramLabel = "PER_SECOND",
            description = "Calls due each second. Default: half of what the warm-up did.")
    private @Nullable Double rate;

    @Option(names = "--seconds", defaultValue = "10", description = "How long calls are due. Default: 10.")
    private double seconds;

    @Option(names = "--warm-up", paramLabel = "SECONDS", defaultValue = "3", description = "Before it. Default: 3.")
    private double warmUp;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Folder of latency.hlog, result.json and the report. Default: .leakmark/latency-TIME.")
    private @Nullable Path out;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private JsonOption json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        KernelProvider provider = workload.check(what);
        if (!(seconds > 0) || !(warmUp >= 0) || (rate != null && !(rate > 0))) {
            throw new CommandFailure(ExitCode.USAGE, "--seconds and --rate must be above 0, --warm-up at least 0");
        }
        json.check(List.of());
        Path folder = OutputFiles.folder(out, "latency");
        OutputFiles.checkFolder(folder);
        return workload.use(what, provider, folder, (call, chosen) -> measure(chosen, folder, call));
    }

    private int measure(KernelProvider provider, Path folder, Runnable call) throws IOException {
        double possible = warmUp(call);
        double offered = rate == null ? LOAD * possible : rate;
        workload.restart();
        long started = System.currentTimeMillis();
        long calls = Math.max(1, Math.round(offered * seconds));
        LatencyLog log = Progress.during("latency", () -> OpenLoop.run(call, offered, calls));
        PrintWriter output = spec.commandLine().getOut();
        PrintWriter people = json.people(output);
        if (workload.isWithheld(people)) {
            return ExitCode.GATE_FAILED.status();
        }
        Latency latency = log.latency(what, provider.name(), workload.params(), workload.quality());
        AtomicFile.write(folder.resolve("latency.hlog"), log.hlog(what, started));
        Recording recording = new Recording(
                folder,
                spec.commandLine().getParseResult().originalArgs(),
                Map.of("load", "one thread, calls at intended times, " + seconds + " s"));
        recording.add(latency);
        recording.finish();
        print(people, log, latency, offered);
        people.println("report: " + folder.resolve(Recording.HTML));
        people.flush();
        json.write(output, latency);
        return ExitCode.FINE.status();
    }

    /** Calls a second of a client that waits for each answer, by the fastest of the last calls. */
    private double warmUp(Runnable call) {
        long fastest = Long.MAX_VALUE;
        long start = System.nanoTime();
        for (int calls = 0; calls < FEWEST_CALLS || System.nanoTime() - start < warmUp * 1e9; calls++) {
            long begin = System.nanoTime();
            call.run();
            fastest = Math.min(fastest, System.nanoTime() - begin);
        }
        return 1e9 / fastest;
    }

    private static void print(PrintWriter people, LatencyLog log, Latency latency, double offered) {
        people.printf(
                Locale.ROOT,
                "%s %s %s: %d calls, %.3g a second due, %.3g done%n",
                latency.title(),
                latency.variant(),
                latency.params(),
                log.calls(),
                offered,
                log.achievedPerSecond());
        people.printf("%-10s %14s %14s%n", "percentile", "response, ms", "service, ms");
        for (double percentile : new double[] {50, 90, 99, 99.9, 100}) {
            // Beyond that the largest value is all there is.
            if (percentile == 100 || latency.beyond(percentile) >= 1) {
                people.printf(
                        Locale.ROOT,
                        "%-10s %14.3f %14.3f%n",
                        percentile,
                        1e3 * log.responseSeconds(percentile),
                        1e3 * log.serviceSeconds(percentile));
            }
        }
        if (log.achievedPerSecond() < KEPT_UP * offered) {
            people.println("the load was more than this machine can do: response times grow with every call");
        }
    }
}
