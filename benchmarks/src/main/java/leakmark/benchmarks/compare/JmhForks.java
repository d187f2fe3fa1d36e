package leakmark.benchmarks.compare;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import leakmark.benchmarks.jmh.GradientStore;
import leakmark.reports.result.JmhJson;
import leakmark.reports.result.Result;
import leakmark.reports.result.Result.Status;
import leakmark.reports.result.ResultFileException;
import org.jspecify.annotations.Nullable;

/**
 * Forks by the side's own JMH: {@code java -cp SIDE.jar org.openjdk.jmh.Main}, one cell and one fork a call, so that each
 * side's classes, annotations and generated code are its own.
 */
final class JmhForks implements Forks, AutoCloseable {
    private static final List<String> INHERITED =
            List.of("--add-modules", "--enable-native-access", "--sun-misc", "-Dai.djl", "-DOPT_OUT", "-Dorg.slf4j.");

    private final Path folder;
    private final List<String> timed;
    private final List<String> shots;
    private final List<String> properties;
    private final Thread onExit = new Thread(this::stop, "stop the measured process");
    private volatile @Nullable Process running;
    private volatile boolean stopped;

    /**
     * Forks that leave their logs in a folder.
     *
     * @param timed JMH's flags for benchmarks of averages
     * @param shots JMH's flags for single shots
     * @param properties further {@code -D} flags
     */
    JmhForks(Path folder, List<String> timed, List<String> shots, List<String> properties) {
        this.folder = folder;
        this.timed = List.copyOf(timed);
        this.shots = List.copyOf(shots);
        this.properties = List.copyOf(properties);
        Runtime.getRuntime().addShutdownHook(onExit);
    }

    @Override
    public Result run(Program side, ComparedCell cell, boolean rehearsal) {
        Path json = folder.resolve("fork.json");
        Path log = folder.resolve("fork.log");
        try {
            Files.deleteIfExists(json);
            Process process = new ProcessBuilder(command(side, cell, rehearsal, json))
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            running = process;
            int status = process.waitFor();
            running = null;
            List<Result> results = status == 0 && Files.exists(json) ? JmhJson.read(json) : List.of();
            return results.size() == 1 ? results.get(0) : failed(cell, keep(log, side, cell));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ResultFileException e) {
            return failed(cell, e.getMessage() == null ? "no result" : e.getMessage());
        } catch (InterruptedException e) {
            stop();
            Thread.currentThread().interrupt();
            return failed(cell, "interrupted");
        }
    }

    private List<String> command(Program side, ComparedCell cell, boolean rehearsal, Path json) {
        Program.Benchmark benchmark = side.benchmarks().get(cell.benchmark());
        boolean singleShot = benchmark != null && benchmark.singleShot();
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // The host only starts the fork and reads its numbers: half a second, a quarter less with one compiler.
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Djmh.ignoreLock=true"));
        command.addAll(List.of("-cp", side.jar().toString(), "org.openjdk.jmh.Main"));
        command.addAll(List.of("-jvmArgs", forkArguments(side)));
        command.add("^" + Pattern.quote(cell.benchmark()) + "$");
        command.addAll(List.of("-f", "1", "-foe", "true", "-rf", "json", "-rff", json.toString()));
        if (rehearsal) {
            command.addAll(List.of("-wi", "0", "-i", "1", "-r", "1ms"));
        } else {
            command.addAll(singleShot ? shots : timed);
        }
        cell.params().forEach((axis, value) -> {
            if (benchmark == null || benchmark.axes().containsKey(axis)) {
                command.addAll(List.of("-p", axis + "=" + value));
            }
        });
        return command;
    }

    /** Flags of the measured JVM; quoted, as JMH splits them at blanks. */
    private String forkArguments(Program side) {
        List<String> arguments = new ArrayList<>();
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> INHERITED.stream().anyMatch(argument::startsWith))
                .forEach(arguments::add);
        // An attack's heap is bounded by this, whatever the machine has.
        arguments.add("-Xmx2g");
        arguments.add("-D" + GradientStore.FOLDER + "=" + gradients(side));
        arguments.addAll(properties);
        return arguments.stream().map(argument -> '"' + argument + '"').collect(Collectors.joining(" "));
    }

    /** Each side makes its own clients' gradients: the client's code may differ. */
    private Path gradients(Program side) {
        Path gradients = folder.resolve("gradients-" + side.side().codeHash());
        try {
            return Files.createDirectories(gradients);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The reason in one line, and the log kept under a name of its own. */
    private String keep(Path log, Program side, ComparedCell cell) throws IOException {
        String name = "failed-" + cell.key().benchmark() + "-" + side.side().name();
        Path kept = folder.resolve(name.replaceAll("[^A-Za-z0-9.-]", "_") + ".log");
        Files.move(log, kept, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        String reason = Files.readAllLines(kept).stream()
                .filter(line -> line.matches("(?!\\s*at ).*(Exception|Error|ERROR)\\b.*"))
                .findFirst()
                .map(String::strip)
                .orElse("JMH gave no result");
        return reason + " (" + kept + ")";
    }

    private static Result failed(ComparedCell cell, String reason) {
        return new Result(
                cell.key(),
                null,
                new Result.Metric("ms/op", Result.Better.LOWER),
                Status.ERROR,
                List.of(reason),
                Map.of(),
                null,
                List.of(),
                null,
                Map.of(),
                Map.of());
    }

    /** Whether an interrupt ended the measurement. */
    boolean isStopped() {
        return stopped;
    }

    private void stop() {
        stopped = true;
        Process process = running;
        if (process != null) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(onExit);
        } catch (IllegalStateException e) {
            // The JVM is ending, and the hook runs.
        }
    }
}
