package leakmark.benchmarks.compare;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import leakmark.benchmarks.cli.CommandFailure;
import leakmark.benchmarks.cli.ExitCode;
import leakmark.benchmarks.run.CodeHash;
import leakmark.reports.result.SideComparison;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;

/**
 * One side: a jar with JMH benchmarks, and its libraries beside it.
 *
 * @param side its name, revision and hash
 * @param jar the jar
 * @param benchmarks by full name, class and method
 */
record Program(SideComparison.Side side, Path jar, Map<String, Benchmark> benchmarks) {
    /**
     * A benchmark.
     *
     * @param singleShot whether iterations are single calls
     * @param axes JMH parameters with their values
     */
    record Benchmark(boolean singleShot, Map<String, List<String>> axes) {}

    /**
     * Opens a jar.
     *
     * @param name as the user gave it
     * @throws CommandFailure if it is none, or has no benchmarks
     */
    static Program open(String name, @Nullable String revision, Path path) {
        if (!Files.isRegularFile(path)) {
            throw new CommandFailure(ExitCode.USAGE, path + " does not exist");
        }
        try (JarFile jar = new JarFile(path.toFile())) {
            ZipEntry list = jar.getEntry(BenchmarkList.BENCHMARK_LIST.substring(1));
            if (list == null) {
                throw new CommandFailure(
                        ExitCode.USAGE, path + " has no benchmarks; give the leakmark.jar of benchmarks/target");
            }
            Map<String, Benchmark> benchmarks = new TreeMap<>();
            try (InputStream stream = jar.getInputStream(list)) {
                BenchmarkList.readBenchmarkList(stream)
                        .forEach(entry -> benchmarks.put(entry.getUsername(), benchmark(entry)));
            }
            return new Program(
                    new SideComparison.Side(name, revision, CodeHash.of(path)), path.toAbsolutePath(), benchmarks);
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.USAGE, path + " is no jar that can be read: " + e.getMessage());
        }
    }

    /** The program that runs. */
    static Program here() {
        // JMH's children get the same class path: one jar from the launcher, a list in tests.
        Path classPath = Path.of(System.getProperty("java.class.path"));
        if (Files.isRegularFile(classPath)) {
            return open("this program", null, classPath);
        }
        Map<String, Benchmark> benchmarks = new TreeMap<>();
        try (InputStream stream = Program.class.getResourceAsStream(BenchmarkList.BENCHMARK_LIST)) {
            if (stream != null) {
                BenchmarkList.readBenchmarkList(stream)
                        .forEach(entry -> benchmarks.put(entry.getUsername(), benchmark(entry)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Program(new SideComparison.Side("this program", null, null), classPath, benchmarks);
    }

    private static Benchmark benchmark(BenchmarkListEntry entry) {
        Map<String, List<String>> axes = new LinkedHashMap<>();
        Map<String, String[]> params = entry.getParams().orElse(Map.of());
        List<String> names = new ArrayList<>(params.keySet());
        names.sort(null);
        names.forEach(axis -> axes.put(axis, List.of(params.getOrDefault(axis, new String[0]))));
        return new Benchmark(entry.getMode() == Mode.SingleShotTime, axes);
    }

    boolean has(ComparedCell cell) {
        return benchmarks.containsKey(cell.benchmark());
    }
}
