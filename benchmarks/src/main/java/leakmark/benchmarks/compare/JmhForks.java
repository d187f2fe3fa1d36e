package leakmark.benchmarks.compare;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import leakmark.benchmarks.jmh.GradientStore;
import leakmark.reports.result.JmhJson;
import leakmark.reports.result.Result;
import leakmark.reports.result.Result.Status;
import leakmark.reports.result.ResultFileException;

/**
 * Forks by the side's own JMH: {@code java -cp SIDE.jar org.openjdk.jmh.Main}, one cell and one fork each, so that each side's
 * classes, annotations and generated code are its own; {@link Turns} has them measure in turn.
 */
final class JmhForks implements Forks, AutoCloseable {
    private static final List<String> INHERITED =
            List.of("--add-modules", "--enable-native-access", "--sun-misc", "-Dai.djl", "-DOPT_OUT", "-Dorg.slf4j.");

    /** Milliseconds between looks at the forks. */
    private static final long POLL = 50;

    /** Nanoseconds that the others may take when one has ended: their last turn, and JMH's summary. */
    private static final long LAST_TURN = 120_000_000_000L;

    /** Exit status of a process that was ended by force. */
    private static final int KILLED = 137;

    private final Path folder;
    private final List<String> timed;
    private final List<String> shots;
    private final Thread onExit = new Thread(this::stop, "stop the measured process");
    private final List<Process> running = new CopyOnWriteArrayList<>();
    private volatile boolean stopped;

    /**
     * Forks that leave their logs in a folder.
     *
     * @param timed JMH's flags for benchmarks of averages
     * @param shots JMH's flags for single shots
     */
    JmhForks(Path folder, List<String> timed, List<String> shots) {
        this.folder = folder;
        this.timed = List.copyOf(timed);
        this.shots = List.copyOf(shots);
        Runtime.getRuntime().addShutdownHook(onExit);
    }

    @Override
    public List<Result> run(List<Fork> forks, boolean rehearsal) {
        try {
            Path turns = folder.resolve("turns.bin");
            Files.write(turns, Turns.start(forks.size()));
            for (int f = 0; f < forks.size(); f++) {
                Files.deleteIfExists(json(f));
                running.add(new ProcessBuilder(command(forks, f, rehearsal, turns))
                        .redirectErrorStream(true)
                        .redirectOutput(log(f).toFile())
                        .start());
            }
            boolean ended = await();
            List<Result> results = new ArrayList<>();
            for (int f = 0; f < forks.size(); f++) {
                results.add(result(forks.get(f), f, ended));
            }
            return results;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            stop();
            Thread.currentThread().interrupt();
            return forks.stream()
                    .map(fork -> failed(fork.cell(), "interrupted"))
                    .toList();
        } finally {
            running.clear();
        }
    }

    /** Waits for all. One that fails never gives its turn on: then the others are ended. False if that happened. */
    private boolean await() throws InterruptedException {
        long since = System.nanoTime();
        boolean fine = true;
        while (running.stream().anyMatch(Process::isAlive)) {
            for (Process process : running) {
                if (process.waitFor(POLL, TimeUnit.MILLISECONDS) && process.exitValue() != 0) {
                    fine = false;
                }
            }
            boolean oneEnded = running.stream().anyMatch(process -> !process.isAlive());
            if (!oneEnded) {
                since = System.nanoTime();
            }
            fine &= System.nanoTime() - since < LAST_TURN;
            if (!fine) {
                running.forEach(JmhForks::end);
            }
        }
        return fine;
    }

    private Result result(Fork fork, int index, boolean allEnded) throws IOException {
        // JMH opens the file before it measures, and leaves it empty when a fork fails.
        if (!Files.exists(json(index)) || Files.size(json(index)) == 0) {
            boolean own = running.get(index).exitValue() != KILLED;
            return failed(
                    fork.cell(),
                    own || allEnded ? keep(log(index), fork.side(), fork.cell()) : "a fork beside it failed");
        }
        try {
            List<Result> results = JmhJson.read(json(index));
            return results.size() == 1
                    ? results.get(0)
                    : failed(fork.cell(), keep(log(index), fork.side(), fork.cell()));
        } catch (ResultFileException e) {
            return failed(fork.cell(), e.getMessage() == null ? "no result" : e.getMessage());
        }
    }

    private Path json(int fork) {
        return folder.resolve("fork" + fork + ".json");
    }

    private Path log(int fork) {
        return folder.resolve("fork" + fork + ".log");
    }

    private List<String> command(List<Fork> forks, int index, boolean rehearsal, Path turns) throws IOException {
        Program side = forks.get(index).side();
        ComparedCell cell = forks.get(index).cell();
        Program.Benchmark benchmark = side.benchmarks().get(cell.benchmark());
        boolean singleShot = benchmark != null && benchmark.singleShot();
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // The host only starts the fork and reads its numbers: half a second, a quarter less with one compiler.
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Djmh.ignoreLock=true"));
        command.addAll(List.of("-cp", turnsClass() + File.pathSeparator + side.jar(), "org.openjdk.jmh.Main"));
        List<String> properties = List.of(
                "-D" + Turns.FILE + "=" + turns.toAbsolutePath(),
                "-D" + Turns.MINE + "=" + index,
                "-D" + Turns.ALL + "=" + forks.size());
        command.addAll(List.of("-jvmArgs", forkArguments(side, properties), "-prof", Turns.class.getName()));
        command.add("^" + Pattern.quote(cell.benchmark()) + "$");
        command.addAll(List.of(
                "-f", "1", "-foe", "true", "-rf", "json", "-rff", json(index).toString()));
        if (rehearsal) {
            command.addAll(List.of("-wi", "0", "-i", "1", "-r", "1ms"));
        } else {
            command.addAll(singleShot ? shots(cell) : timed);
        }
        cell.params().forEach((axis, value) -> {
            if (benchmark == null || benchmark.axes().containsKey(axis)) {
                command.addAll(List.of("-p", axis + "=" + value));
            }
        });
        return command;
    }

    /** What was asked for, or else the cell's own numbers. */
    private List<String> shots(ComparedCell cell) {
        ComparedCell.Shots own = cell.shots();
        return shots.isEmpty() && own != null ? own.flags() : shots;
    }

    /** The profiler by itself, for jars of revisions that have none, or another. */
    private Path turnsClass() throws IOException {
        Path classes = folder.resolve("turns");
        String name = Turns.class.getName().replace('.', '/') + ".class";
        Path file = classes.resolve(name);
        if (!Files.exists(file)) {
            Files.createDirectories(file.getParent());
            try (InputStream own = Turns.class.getResourceAsStream("/" + name)) {
                Files.copy(Objects.requireNonNull(own), file);
            }
        }
        return classes.toAbsolutePath();
    }

    /** Flags of the measured JVM; quoted, as JMH splits them at blanks. */
    private String forkArguments(Program side, List<String> turns) {
        List<String> arguments = new ArrayList<>();
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> INHERITED.stream().anyMatch(argument::startsWith))
                .forEach(arguments::add);
        // An attack's heap is bounded by this, whatever the machine has.
        arguments.add("-Xmx2g");
        arguments.add("-D" + GradientStore.FOLDER + "=" + gradients(side));
        arguments.addAll(turns);
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
        running.forEach(JmhForks::end);
    }

    private static void end(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
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
