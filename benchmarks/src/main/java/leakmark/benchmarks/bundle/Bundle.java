package leakmark.benchmarks.bundle;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A folder that runs Leakmark on a Linux machine with neither JDK nor internet: {@code run}, an archive of Java runtime and
 * jars that it unpacks, and {@code gradients/}.
 */
public final class Bundle {
    /** 60 MiB: what machines take that are reached by one upload. */
    public static final long MOST_BYTES = 60L << 20;

    /** Flags for the runtime in the bundle, which is newer than the oldest JDK these are refused by. */
    private static final String NATIVE = "--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow";

    /** Two places: JVM flags, and the main class. */
    @SuppressWarnings("InlineFormatString")
    private static final String RUN = """
            #!/bin/sh
            # Leakmark with its own Java runtime. Without arguments: looks at the machine, then attacks every gradient here.
            # LEAKMARK_JAVA_OPTS adds JVM options, such as -Xmx8g.
            set -e
            here=$(CDPATH='' cd -P "$(dirname "$0")" && pwd)
            program=$here/program
            if [ ! -d "$program" ]; then
                # Unpacked beside, then moved: whoever sees it sees it whole.
                fresh=$(mktemp -d "$here/.program-XXXXXX")
                tar -xf "$here"/program.tar.* -C "$fresh"
                mv "$fresh/program" "$program" 2>/dev/null || true
                rm -rf "$fresh"
            fi
            leakmark() {
                # shellcheck disable=SC2086
                "$program/runtime/bin/java" %s ${LEAKMARK_JAVA_OPTS:-} -cp "$program/lib/*" %s "$@"
            }
            if [ $# -gt 0 ]; then
                leakmark "$@"
                exit
            fi
            leakmark doctor || true
            for gradient in "$here"/gradients/*.safetensors; do
                [ ! -e "$gradient" ] || leakmark attack --gradient "$gradient" --no-certify --repeat 5
            done
            """;

    /** How the archive is packed. */
    public enum Compression {
        /** About 35 MiB in all; slow to make, and both machines need {@code xz}. */
        XZ("xz -6 -T0", 0),
        /** About 54 MiB in all. */
        GZIP("gzip", 6);

        private final String program;
        private final int jarLevel;

        Compression(String program, int jarLevel) {
            this.program = program;
            this.jarLevel = jarLevel;
        }
    }

    private Bundle() {}

    /** The JDK that a bundle's runtime is made from, or a line that says what is missing. */
    public static Path jdk() throws IOException {
        return RuntimeImage.findJdk()
                .orElseThrow(() -> new IOException("no JDK from " + RuntimeImage.OLDEST
                        + " on with jlink found: run Leakmark on one, or name it with --jdk"));
    }

    /**
     * Makes a bundle and runs it once.
     *
     * @param target a folder that does not exist yet
     * @param jdk its home
     * @param mainClass what {@code run} starts
     * @param gradients files to take along
     * @param compression of the archive
     * @return its size in bytes
     * @throws IOException if it would be over 60 MiB, or anything else fails; then there is no folder
     */
    public static long make(Path target, Path jdk, String mainClass, List<Path> gradients, Compression compression)
            throws IOException {
        if (RuntimeImage.version(jdk) < RuntimeImage.OLDEST) {
            throw new IOException(jdk + " is no JDK from " + RuntimeImage.OLDEST + " on with jlink");
        }
        long shared =
                gradients.stream().mapToLong(file -> file.toFile().length()).sum();
        if (shared > MOST_BYTES) {
            throw tooLarge(shared, shared);
        }
        Path folder = Files.createTempDirectory(target.toAbsolutePath().getParent(), ".leakmark-bundle-");
        try {
            fill(folder, jdk, mainClass, gradients, compression);
            long bytes = size(folder);
            if (bytes > MOST_BYTES) {
                throw tooLarge(bytes, shared);
            }
            RuntimeImage.Processes.run(List.of(folder.resolve("run").toString(), "list"));
            delete(folder.resolve("program"));
            Files.move(folder, target, StandardCopyOption.ATOMIC_MOVE);
            return bytes;
        } finally {
            delete(folder);
        }
    }

    private static IOException tooLarge(long bytes, long gradients) {
        return new IOException(String.format(
                Locale.ROOT,
                "the bundle would be %.1f MiB, over %d: take fewer or smaller gradients (%.1f MiB)",
                mebibytes(bytes),
                MOST_BYTES >> 20,
                mebibytes(gradients)));
    }

    private static void fill(Path folder, Path jdk, String mainClass, List<Path> gradients, Compression compression)
            throws IOException {
        Path program = Files.createDirectory(folder.resolve("program"));
        RuntimeImage.link(jdk, program.resolve("runtime"));
        Libraries.copy(Libraries.ofThisProcess(), program.resolve("lib"), compression.jarLevel);
        RuntimeImage.Processes.run(List.of(
                "tar",
                "--use-compress-program=" + compression.program,
                "-cf",
                folder.resolve("program.tar." + compression.name().toLowerCase(Locale.ROOT))
                        .toString(),
                "-C",
                folder.toString(),
                "program"));
        delete(program);
        Path shared = Files.createDirectory(folder.resolve("gradients"));
        for (Path gradient : gradients) {
            Files.copy(gradient, shared.resolve(gradient.getFileName()));
        }
        Path run = folder.resolve("run");
        Files.writeString(run, RUN.formatted(flags(), mainClass));
        Files.setPosixFilePermissions(run, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** What this process was started with, without what is about this machine or this terminal. */
    private static String flags() {
        return NATIVE + " "
                + ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                        .filter(flag -> flag.startsWith("--add-modules")
                                || flag.startsWith("-Dai.djl")
                                || flag.startsWith("-DOPT_OUT")
                                || flag.startsWith("-Dorg.slf4j"))
                        .collect(Collectors.joining(" "));
    }

    private static long size(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.delete(file);
                } catch (IOException failure) {
                    throw new UncheckedIOException(failure);
                }
            });
        }
    }

    private static double mebibytes(long bytes) {
        return bytes / (double) (1 << 20);
    }
}
