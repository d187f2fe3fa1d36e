package leakmark.benchmarks.cli;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import org.openjdk.jmh.runner.BenchmarkList;

/** Jars for {@code ab}. */
final class Jars {
    private Jars() {}

    /** A jar that runs this build's benchmarks, with one entry of its own among them. */
    static void ofThisBuild(Path path, String marker) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        List<String> elements = new ArrayList<>(
                Arrays.asList(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
                        .split(File.pathSeparator, -1)));
        manifest.getMainAttributes()
                .put(
                        Attributes.Name.CLASS_PATH,
                        elements.stream()
                                .map(element -> Path.of(element).toUri().toString())
                                .collect(Collectors.joining(" ")));
        try (OutputStream file = Files.newOutputStream(path);
                JarOutputStream jar = new JarOutputStream(file, manifest);
                InputStream list =
                        Objects.requireNonNull(Jars.class.getResourceAsStream(BenchmarkList.BENCHMARK_LIST))) {
            jar.putNextEntry(new JarEntry(BenchmarkList.BENCHMARK_LIST.substring(1)));
            list.transferTo(jar);
            jar.putNextEntry(new JarEntry("leakmark/benchmarks/jmh/marker"));
            jar.write(marker.getBytes(StandardCharsets.UTF_8));
        }
    }
}
