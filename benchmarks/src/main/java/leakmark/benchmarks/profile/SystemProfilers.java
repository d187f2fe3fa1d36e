package leakmark.benchmarks.profile;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The machine's own profilers on this process, for as long as work runs; what is missing says so. */
public final class SystemProfilers {
    private static final List<String> COUNTERS =
            List.of("task-clock", "cycles", "instructions", "cache-misses", "branch-misses", "page-faults");

    private final Map<String, Process> running = new LinkedHashMap<>();
    private final Map<String, String> said = new LinkedHashMap<>();
    private final Path folder;

    private SystemProfilers(Path folder) {
        this.folder = folder;
    }

    /** Starts those that are installed. */
    public static SystemProfilers start(Path folder, double seconds) {
        SystemProfilers profilers = new SystemProfilers(folder);
        String pid = Long.toString(ProcessHandle.current().pid());
        String time = Long.toString(Math.max(1, Math.round(seconds)));
        profilers.launch(
                "perf",
                List.of("perf"),
                List.of("stat", "-e", String.join(",", COUNTERS), "-p", pid, "--", "sleep", time));
        profilers.launch(
                "async-profiler",
                List.of("asprof", "profiler.sh"),
                List.of(
                        "-d",
                        time,
                        "-e",
                        "cpu",
                        "-o",
                        "collapsed",
                        "-f",
                        folder.resolve("cpu.collapsed").toString(),
                        pid));
        return profilers;
    }

    private void launch(String name, List<String> programs, List<String> arguments) {
        Optional<String> program =
                programs.stream().flatMap(SystemProfilers::onPath).findFirst();
        if (program.isEmpty()) {
            said.put(name, "not installed");
            return;
        }
        List<String> command = new ArrayList<>(List.of(program.get()));
        command.addAll(arguments);
        try {
            running.put(
                    name,
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(folder.resolve(name + ".txt").toFile())
                            .start());
        } catch (IOException e) {
            said.put(name, "could not be started: " + e.getMessage());
        }
    }

    private static Stream<String> onPath(String program) {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .filter(place -> !place.isEmpty())
                .map(place -> Path.of(place, program))
                .filter(Files::isExecutable)
                .map(Path::toString);
    }

    /** Waits for them; what each said, in one line. */
    public Map<String, String> stop() throws IOException {
        for (Map.Entry<String, Process> entry : running.entrySet()) {
            Process process = entry.getValue();
            try {
                if (!process.waitFor(10, TimeUnit.SECONDS)) {
                    process.destroy();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                process.destroy();
            }
            String text = Files.readString(folder.resolve(entry.getKey() + ".txt"), StandardCharsets.UTF_8);
            said.put(
                    entry.getKey(), text.strip().replaceAll("\\s*\\n\\s*", "; ").replaceAll("[ \\t]+", " "));
        }
        return said;
    }
}
