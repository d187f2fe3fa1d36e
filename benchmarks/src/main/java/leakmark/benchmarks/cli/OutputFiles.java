package leakmark.benchmarks.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Checks that come before the expensive work: where it would end, there must be a place for it. */
public final class OutputFiles {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);

    private OutputFiles() {}

    /**
     * Where a command's results go: what was asked for, else {@code .leakmark/VERB-TIME}.
     *
     * @param out null if nothing was asked for
     */
    public static Path folder(@Nullable Path out, String verb) {
        return (out == null ? Path.of(".leakmark", verb + "-" + TIME.format(Instant.now())) : out).toAbsolutePath();
    }

    /**
     * Checks that a file can be written without losing another.
     *
     * @param file the file to write
     * @param replace true if a file that is there may be replaced
     * @param inputs files the command reads, which it never replaces
     * @throws CommandFailure if not, with exit code 2
     */
    public static void check(Path file, boolean replace, Collection<Path> inputs) {
        for (Path input : inputs) {
            if (isSame(file, input)) {
                throw failure(file + " is read by this command; write to another file");
            }
        }
        if (Files.isDirectory(file)) {
            throw failure(file + " is a folder; name a file in it");
        }
        if (Files.exists(file) && !replace) {
            throw failure(file + " is there already; name another file, or replace it with --force");
        }
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw failure(file + " cannot be written: there is no folder " + folder + "; make it first");
        }
        checkWritable(folder, file);
    }

    /**
     * Makes a folder if it is not there, and checks that files can be written in it.
     *
     * @throws CommandFailure if not, with exit code 2
     */
    public static void checkFolder(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException failure) {
            throw failure(folder + " cannot be made a folder: " + Failures.describe(failure));
        }
        checkWritable(folder, folder);
    }

    /** By trying: permissions alone do not tell about read-only file systems. */
    private static void checkWritable(Path folder, Path target) {
        try {
            Files.delete(Files.createTempFile(folder, ".leakmark-", ".tmp"));
        } catch (IOException failure) {
            throw failure(target + " cannot be written: " + Failures.describe(failure));
        }
    }

    /**
     * Copies a file.
     *
     * @throws CommandFailure if it cannot be written, with exit code 2
     */
    public static void copy(Path from, Path to) {
        try {
            Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException failure) {
            throw failure(to + " cannot be written: " + Failures.describe(failure));
        }
    }

    private static boolean isSame(Path a, Path b) {
        try {
            return a.toAbsolutePath().normalize().equals(b.toAbsolutePath().normalize())
                    || (Files.exists(a) && Files.exists(b) && Files.isSameFile(a, b));
        } catch (IOException e) {
            return false;
        }
    }

    private static CommandFailure failure(String message) {
        return new CommandFailure(ExitCode.USAGE, message);
    }
}
