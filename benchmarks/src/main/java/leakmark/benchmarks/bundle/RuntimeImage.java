package leakmark.benchmarks.bundle;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A Java runtime of the modules that Leakmark uses, made by a JDK's {@code jlink}. */
final class RuntimeImage {
    static final int OLDEST = 25;

    /** What the program's own code and its libraries load; the bundle is run once to see that nothing is missing. */
    private static final String MODULES = String.join(
            ",",
            "java.base",
            "java.logging",
            "java.management",
            "jdk.incubator.vector",
            "jdk.management",
            "jdk.unsupported");

    private static final Pattern VERSION = Pattern.compile("(?m)^JAVA_VERSION=\"(\\d+)");

    private RuntimeImage() {}

    /** The JDK this runs on if it is new enough, else one of the system's. */
    static Optional<Path> findJdk() {
        List<Path> homes = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"))));
        for (Path folder : List.of(Path.of("/usr/lib/jvm"), Path.of("/opt/java"))) {
            if (Files.isDirectory(folder)) {
                try (Stream<Path> found = Files.list(folder)) {
                    found.sorted().forEach(homes::add);
                } catch (IOException unreadable) {
                    // another folder may be
                }
            }
        }
        return homes.stream().filter(home -> version(home) >= OLDEST).findFirst();
    }

    /** Major version of a JDK with jlink; 0 for anything else. */
    static int version(Path home) {
        try {
            if (!Files.isExecutable(home.resolve("bin/jlink"))) {
                return 0;
            }
            Matcher version = VERSION.matcher(Files.readString(home.resolve("release")));
            return version.find() ? Integer.parseInt(version.group(1)) : 0;
        } catch (IOException unreadable) {
            return 0;
        }
    }

    /**
     * Makes an image.
     *
     * @throws IOException if jlink fails, with its words
     */
    static void link(Path jdk, Path target) throws IOException {
        Processes.run(List.of(
                jdk.resolve("bin/jlink").toString(),
                "--add-modules",
                MODULES,
                "--compress",
                "zip-0", // the whole image is compressed better afterwards
                "--strip-debug",
                "--no-man-pages",
                "--no-header-files",
                "--output",
                target.toString()));
    }

    /** Programs that are waited for. */
    static final class Processes {
        private Processes() {}

        /** Runs a program; gives what it said. */
        static String run(List<String> command) throws IOException {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            try {
                int status = process.waitFor();
                if (status != 0) {
                    throw new IOException(command.get(0) + " ended with " + status + ": " + output.strip());
                }
                return output;
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
                process.destroy();
                throw new IOException("interrupted while " + command.get(0) + " ran", stop);
            }
        }
    }
}
