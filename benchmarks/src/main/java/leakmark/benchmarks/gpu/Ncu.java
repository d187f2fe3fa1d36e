package leakmark.benchmarks.gpu;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** NVIDIA's profiler, where it is installed: runs this program again under it. */
public final class Ncu {
    private static final String PROGRAM = "ncu";

    private Ncu() {}

    /** The program on the path. */
    public static Optional<Path> find() {
        return Optional.ofNullable(System.getenv("PATH")).stream()
                .flatMap(path -> List.of(path.split(java.io.File.pathSeparator)).stream())
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, PROGRAM))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /**
     * Runs {@code leakmark} with arguments under the profiler.
     *
     * @throws IllegalArgumentException if the profiler measured nothing, with its reason
     */
    public static NcuReport run(Path program, String mainClass, List<String> arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                program.toString(),
                "--csv",
                "--target-processes",
                "all",
                "--metrics",
                String.join(",", NcuReport.METRICS),
                Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), mainClass));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return NcuReport.parse(output);
    }
}
