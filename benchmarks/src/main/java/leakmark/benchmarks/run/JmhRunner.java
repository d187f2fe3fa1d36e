package leakmark.benchmarks.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import leakmark.attacks.AttackException;
import leakmark.benchmarks.jmh.GradientStore;
import leakmark.benchmarks.run.Plan.Cell;
import leakmark.reports.result.JmhJson;
import leakmark.reports.result.Result;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** Runs one cell in JMH, in forks of their own, and reads what JMH wrote. */
final class JmhRunner {
    private final Path folder;
    private final List<String> userFlags;
    private final Map<String, String> properties;

    /**
     * @param folder where gradients lie and logs go
     * @param userFlags JMH's own flags, passed through
     * @param properties system properties of the forks
     */
    JmhRunner(Path folder, List<String> userFlags, Map<String, String> properties) {
        this.folder = folder;
        this.userFlags = List.copyOf(userFlags);
        this.properties = Map.copyOf(properties);
    }

    /** Checks the user's flags before anything is measured. */
    void check() {
        try {
            new CommandLineOptions(userFlags.toArray(new String[0]));
        } catch (CommandLineOptionException e) {
            throw new AttackException("JMH does not take these flags: " + e.getMessage(), e);
        }
    }

    /** Runs a cell; an empty list if JMH gave no result. */
    List<Result> run(Cell cell) {
        Path json = folder.resolve("jmh.json");
        Path log = folder.resolve("jmh.log");
        try {
            Files.deleteIfExists(json);
            ChainedOptionsBuilder options = new OptionsBuilder()
                    .parent(new CommandLineOptions(userFlags.toArray(new String[0])))
                    .include("\\." + cell.benchmark() + (cell.isMethod() ? "$" : "\\."))
                    .resultFormat(ResultFormatType.JSON)
                    .result(json.toString())
                    .output(log.toString())
                    .shouldFailOnError(false);
            cell.params().forEach(options::param);
            options.jvmArgsAppend(forkArguments(cell));
            if (cell.isMatching()) {
                // An evaluation allocates nothing; each report shows it.
                options.addProfiler(GCProfiler.class);
            }
            if ((cell.published() || cell.isLong()) && !userFlags.contains("-wi") && !userFlags.contains("-i")) {
                // Half a minute and more a shot, with compiled native code: a second shot would show no warm-up.
                options.warmupIterations(0).measurementIterations(1);
            }
            if (cell.isMethod() && !userFlags.contains("-wi") && !userFlags.contains("-i")) {
                // Small calls: a long warm-up for the compiler, and then few of them say enough.
                options.warmupIterations(2)
                        .warmupTime(TimeValue.seconds(1))
                        .measurementIterations(5)
                        .measurementTime(TimeValue.milliseconds(200));
            }
            new Runner(options.build()).run();
            return Files.exists(json) ? JmhJson.read(json) : List.of();
        } catch (CommandLineOptionException | IOException | RunnerException e) {
            throw new AttackException(cell.description() + " could not be run: " + e.getMessage(), e);
        }
    }

    private String[] forkArguments(Cell cell) {
        java.util.ArrayList<String> arguments = new java.util.ArrayList<>();
        // Appended last, these replace the benchmark's own @Fork arguments, so they repeat them.
        arguments.add("--add-modules=jdk.incubator.vector");
        arguments.add("-D" + GradientStore.FOLDER + "=" + folder.resolve("gradients"));
        properties.forEach((key, value) -> arguments.add("-D" + key + "=" + value));
        if (cell.isOneCore()) {
            arguments.add("-Dai.djl.pytorch.num_threads=1");
        }
        if (cell.benchmark().equals(Plan.DAGER)) {
            // The attack's heap is bounded by this, whatever the machine has.
            arguments.add("-Xmx2g");
        }
        return arguments.toArray(new String[0]);
    }
}
