package leakmark.benchmarks.compare;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import leakmark.benchmarks.cli.CommandFailure;
import leakmark.benchmarks.cli.ExitCode;
import leakmark.benchmarks.cli.Progress;

/** Builds git revisions in temporary worktrees, each once: the jar and its libraries stay in {@code builds/COMMIT}. */
final class Revisions {
    private static final int KEPT = 6;
    private static final String JAR = "leakmark.jar";
    private static final String LIBRARIES = "lib";

    private final Path folder;
    private final String git;
    private final String maven;

    /**
     * Of the checkout around a folder.
     *
     * @param folder where builds are kept, such as {@code .leakmark/builds}
     */
    Revisions(Path folder, String git, String maven) {
        this.folder = folder.toAbsolutePath();
        this.git = git;
        this.maven = maven;
    }

    /** A jar if there is such a file, else a revision, built if it was not before. */
    Program open(String given) {
        Path file = Path.of(given);
        if (given.endsWith(".jar") || Files.isRegularFile(file)) {
            return Program.open(given, null, file);
        }
        String commit = commit(given);
        Path built = folder.resolve(commit);
        if (!Files.exists(built.resolve(JAR))) {
            Progress.during("building " + given, () -> {
                build(given, commit, built);
                return built;
            });
        }
        return Program.open(given, commit, built.resolve(JAR));
    }

    private String commit(String given) {
        Run run = run(List.of(git, "rev-parse", "--verify", "--quiet", "--end-of-options", given + "^{commit}"), null);
        if (run.status() == 0) {
            return run.output().strip();
        }
        boolean checkout = run(List.of(git, "rev-parse", "--git-dir"), null).status() == 0;
        throw new CommandFailure(
                ExitCode.USAGE,
                given + " is neither a jar nor a git revision"
                        + (checkout ? " of this checkout" : "; this folder is in no git checkout"));
    }

    private void build(String given, String commit, Path built) {
        Path tree = folder.resolve("tree-" + commit.substring(0, 12) + "-"
                + ProcessHandle.current().pid());
        Thread onExit = new Thread(() -> removeTree(tree), "remove the worktree");
        Runtime.getRuntime().addShutdownHook(onExit);
        try {
            Files.createDirectories(folder);
            Run added = run(List.of(git, "worktree", "add", "--detach", tree.toString(), commit), null);
            if (added.status() != 0) {
                throw new CommandFailure(ExitCode.UNFIT, given + " cannot be checked out: " + lastLine(added));
            }
            Path log = folder.resolve(commit.substring(0, 12) + ".log");
            // What was built here before is in the local repository; only a new dependency needs the network.
            Run packaged = run(command(tree, true), log);
            if (packaged.status() != 0 && packaged.output().contains("offline mode")) {
                packaged = run(command(tree, false), log);
            }
            Path target = tree.resolve("benchmarks/target");
            if (packaged.status() != 0 || !Files.exists(target.resolve(JAR))) {
                throw new CommandFailure(
                        ExitCode.UNFIT, given + " does not build, see " + log + ": " + firstError(packaged));
            }
            keep(target, built);
            prune();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            removeTree(tree);
            try {
                Runtime.getRuntime().removeShutdownHook(onExit);
            } catch (IllegalStateException e) {
                // The JVM is ending, and the hook runs.
            }
        }
    }

    private List<String> command(Path tree, boolean offline) {
        List<String> command = new ArrayList<>(List.of(maven, "-q", "-B", "-Dstyle.color=never", "-DskipTests"));
        if (offline) {
            command.add("-o");
        }
        command.addAll(List.of("-P", "!strict", "-f", tree.resolve("pom.xml").toString()));
        command.addAll(List.of("-pl", "benchmarks", "-am", "package"));
        return command;
    }

    /** The libraries first: a jar in its place means that all is there. */
    private static void keep(Path target, Path built) throws IOException {
        Files.createDirectories(built);
        delete(built.resolve(LIBRARIES));
        if (Files.isDirectory(target.resolve(LIBRARIES))) {
            Files.move(target.resolve(LIBRARIES), built.resolve(LIBRARIES));
        }
        Files.move(target.resolve(JAR), built.resolve(JAR), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Builds beyond the newest few go. */
    private void prune() throws IOException {
        try (Stream<Path> builds = Files.list(folder)) {
            List<Path> old = builds.filter(path -> Files.exists(path.resolve(JAR)))
                    .sorted(Comparator.comparing(Revisions::time).reversed())
                    .skip(KEPT)
                    .toList();
            for (Path path : old) {
                delete(path);
            }
        }
    }

    private static java.nio.file.attribute.FileTime time(Path path) {
        try {
            return Files.getLastModifiedTime(path.resolve(JAR));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void removeTree(Path tree) {
        if (Files.exists(tree)) {
            run(List.of(git, "worktree", "remove", "--force", tree.toString()), null);
        }
    }

    private static void delete(Path path) throws IOException {
        if (!Files.exists(path)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(path)) {
            for (Path each : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }

    private record Run(int status, String output) {}

    /** Runs a program to its end; its output goes to the log too if there is one. */
    private Run run(List<String> command, @org.jspecify.annotations.Nullable Path log) {
        try {
            ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
            builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
            Process process = builder.start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int status = process.waitFor();
            if (log != null) {
                Files.writeString(log, output);
            }
            return new Run(status, output);
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.UNFIT, command.get(0) + " cannot be started: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure(ExitCode.UNFIT, "interrupted");
        }
    }

    private static String lastLine(Run run) {
        List<String> lines = run.output().strip().lines().toList();
        return lines.isEmpty() ? "no reason given" : lines.get(lines.size() - 1);
    }

    private static String firstError(Run run) {
        Optional<String> error = run.output()
                .lines()
                .filter(line -> line.startsWith("[ERROR] ") && line.contains(".java"))
                .findFirst()
                .or(() -> run.output()
                        .lines()
                        .filter(line -> line.startsWith("[ERROR] "))
                        .findFirst());
        return error.map(line -> line.substring("[ERROR] ".length()).strip()).orElse(lastLine(run));
    }
}
