package leakmark.kernels.cuda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Compiles kernels with g++ for the CPU. Objects are kept under {@code kernels/target/stand-in}, by the hash of all that made them. */
final class HostCompiler {
    private static final Pattern KERNEL = Pattern.compile(
            "extern\\s+\"C\"\\s+__global__\\s+void\\s+(?:__launch_bounds__\\s*\\([^)]*\\)\\s*)?(\\w+)\\s*\\(");

    /** -march=native for a fused multiply-add in one instruction; no contraction, so that source decides where one is. */
    private static final List<String> FLAGS = List.of(
            "-std=c++17",
            "-O2",
            "-g1",
            "-march=native",
            "-ffp-contract=off",
            "-fPIC",
            "-fvisibility=hidden",
            "-Wall",
            "-Wextra",
            "-Werror",
            "-Wno-unknown-pragmas",
            "-pthread");

    private final List<String> flags = new ArrayList<>(FLAGS);
    private final Path root = root();
    private final Path output = root.resolve("kernels/target/stand-in");

    /** @param extra flags, such as a sanitizer's */
    HostCompiler(String... extra) {
        flags.addAll(List.of(extra));
    }

    /** The repository, from whichever module the tests run in. */
    static Path root() {
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            if (Files.isDirectory(folder.resolve("kernels/src/main/cuda"))) {
                return folder;
            }
        }
        throw new IllegalStateException(
                "kernels/src/main/cuda is in no folder above " + Path.of("").toAbsolutePath());
    }

    /** Whether there is a g++. */
    static final boolean AVAILABLE = available();

    private static boolean available() {
        try {
            return run(root(), List.of("g++", "--version")).status() == 0;
        } catch (UncheckedIOException none) {
            return false;
        }
    }

    /** The kernels that ship. */
    static List<Path> shipped() {
        try (Stream<Path> files = Files.list(root().resolve("kernels/src/main/cuda"))) {
            return files.filter(file -> file.toString().endsWith(".cu"))
                    .sorted()
                    .toList();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Kernels a source defines. */
    static List<String> kernels(String source) {
        return KERNEL.matcher(source).results().map(found -> found.group(1)).toList();
    }

    /**
     * Links kernels and {@code libcuda.cpp} into a driver library.
     *
     * @return the library, with the name JCuda looks for
     */
    Path library(List<Path> sources) {
        List<String> link = List.of("-shared", "-Wl,-soname,libcuda.so.1", "-Wl,-z,defs", "-ldl");
        return link("libcuda.cpp", sources, link, "libcuda.so.1");
    }

    /** Links kernels and {@code replay.cpp} into a program. */
    Path replay(List<Path> sources) {
        return link("replay.cpp", sources, List.of("-ldl"), "replay");
    }

    private Path link(String main, List<Path> sources, List<String> options, String name) {
        List<Path> objects = Stream.concat(
                        Stream.of(root.resolve("kernels/src/test/cuda").resolve(main)),
                        sources.stream().map(this::wrapped))
                .parallel()
                .map(this::compile)
                .toList();
        Path target = output.resolve(PtxManifest.sha256(objects + "" + options).substring(0, 16))
                .resolve(name);
        List<String> command = new ArrayList<>();
        objects.forEach(object -> command.add(object.toString()));
        command.addAll(options);
        return make(target, command);
    }

    /** A translation unit that holds a source and registers its kernels. */
    private Path wrapped(Path source) {
        String text = read(source);
        StringBuilder unit = new StringBuilder("#include \"cuda_on_host.h\"\n#include \"grid_launch.h\"\n");
        unit.append("#include \"").append(source.toAbsolutePath()).append("\"\n");
        kernels(text)
                .forEach(
                        kernel -> unit.append("STAND_IN_KERNEL(").append(kernel).append(")\n"));
        Path file = output.resolve(PtxManifest.sha256(unit.toString()).substring(0, 16) + ".cpp");
        write(file, unit.toString().getBytes(StandardCharsets.UTF_8));
        return file;
    }

    private Path compile(Path unit) {
        String inputs = flags + PtxSources.withIncludes(unit, includeFolders());
        Path object = output.resolve(PtxManifest.sha256(inputs).substring(0, 16) + ".o");
        List<String> command = new ArrayList<>(List.of("-c", unit.toString()));
        includeFolders().forEach(folder -> command.add("-I" + folder));
        return make(object, command);
    }

    private List<Path> includeFolders() {
        return List.of(root.resolve("kernels/src/test/cuda"), root.resolve("kernels/src/main/cuda"));
    }

    private Path make(Path target, List<String> arguments) {
        if (Files.exists(target)) {
            return target;
        }
        try {
            Files.createDirectories(target.getParent());
            Path made = Files.createTempFile(target.getParent(), "making-", ".tmp");
            List<String> command = new ArrayList<>(List.of("g++"));
            command.addAll(flags);
            command.addAll(arguments);
            command.addAll(List.of("-o", made.toString()));
            Outcome outcome = run(root, command);
            if (outcome.status() != 0) {
                Files.delete(made);
                throw new IllegalStateException(String.join(" ", command) + "\n" + outcome.output());
            }
            Files.move(made, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return target;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** What a program said and how it ended. */
    record Outcome(int status, String output) {}

    static Outcome run(Path folder, List<String> command) {
        try {
            Process process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Outcome(process.waitFor(), output);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(stop);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static void write(Path file, byte[] content) {
        try {
            Files.createDirectories(file.getParent());
            Path written = Files.createTempFile(file.getParent(), "making-", ".tmp");
            Files.write(written, content);
            Files.move(written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
