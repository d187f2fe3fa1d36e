package leakmark.kernels.cuda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Makes the PTX that ships, with nvcc 13. Its oldest target is sm_75 and its PTX is version 9.0; the header is rewritten to
 * what a V100 and the drivers from CUDA 10 on take, which {@link PtxTest} proves by assembling it for every architecture.
 *
 * <p>{@code mvn -q -pl kernels test -Dtest=PtxTest -Dleakmark.ptx.update=true} writes it anew.
 */
final class PtxCompiler {
    static final List<String> FLAGS = List.of("-std=c++17", "-O3", "-arch=compute_75", "-ptx");

    private PtxCompiler() {}

    /** Where the shipped PTX lies. */
    static final Path SHIPPED = HostCompiler.root().resolve("kernels/src/main/resources/leakmark/kernels/cuda");

    /** Where the PTX of the tests' own kernels lies. */
    static final Path OF_TESTS = HostCompiler.root().resolve("kernels/src/test/cuda/ptx");

    static String module(Path source) {
        return source.getFileName().toString().replace(".cu", "");
    }

    /** Hash of a source, its headers and the flags. The stand-in's header is no input: only g++ includes it. */
    static String sourceHash(Path source) {
        return PtxManifest.sha256(FLAGS
                + PtxSources.withIncludes(source, List.of(HostCompiler.root().resolve("kernels/src/main/cuda"))));
    }

    static boolean available() {
        try {
            return HostCompiler.run(HostCompiler.root(), List.of("nvcc", "--version"))
                            .status()
                    == 0;
        } catch (UncheckedIOException none) {
            return false;
        }
    }

    /** {@code release 13.0, V13.0.88}. */
    static String compiler() {
        return HostCompiler.run(HostCompiler.root(), List.of("nvcc", "--version"))
                .output()
                .lines()
                .filter(line -> line.contains("release"))
                .map(line -> line.substring(line.indexOf("release")))
                .findFirst()
                .orElseThrow();
    }

    /** Compiles a source to PTX. */
    static String compile(Path source) {
        try {
            Path target = Files.createTempFile("leakmark-", ".ptx");
            try {
                List<String> command = new ArrayList<>(List.of("nvcc"));
                command.addAll(FLAGS);
                command.add("-I" + HostCompiler.root().resolve("kernels/src/main/cuda"));
                command.addAll(List.of(source.toString(), "-o", target.toString()));
                HostCompiler.Outcome outcome = HostCompiler.run(HostCompiler.root(), command);
                if (outcome.status() != 0) {
                    throw new IllegalStateException(String.join(" ", command) + "\n" + outcome.output());
                }
                return portable(Files.readString(target));
            } finally {
                Files.delete(target);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static String portable(String ptx) {
        String rewritten = ptx.replaceFirst("(?m)^\\.version 9\\.0$", ".version 6.3")
                .replaceFirst("(?m)^\\.target sm_75$", ".target sm_70");
        if (!rewritten.contains(".version 6.3\n.target sm_70\n")) {
            throw new IllegalStateException("nvcc wrote another header than .version 9.0, .target sm_75");
        }
        return rewritten;
    }

    /** Compiles every source and writes PTX and manifest into a folder. */
    static void update(List<Path> sources, Path folder) {
        Map<String, String> manifest = new TreeMap<>();
        for (Path source : sources) {
            String name = module(source);
            String ptx = compile(source);
            write(folder.resolve(name + ".ptx"), ptx);
            manifest.put(name + ".source", sourceHash(source));
            manifest.put(name + ".ptx", PtxManifest.sha256(ptx));
            manifest.put(name + ".flags", String.join(" ", FLAGS));
            manifest.put(name + ".compiler", compiler());
        }
        StringBuilder text =
                new StringBuilder("# SHA-256 of sources with their headers and flags, and of the PTX made of them.\n");
        manifest.forEach(
                (key, value) -> text.append(key).append('=').append(value).append('\n'));
        write(folder.resolve(PtxManifest.FILE), text.toString());
    }

    /** The manifest of a folder: what an update has just written is not on the class path yet. */
    static PtxManifest manifest(Path folder) {
        return new PtxManifest(name -> readSource(folder.resolve(name)));
    }

    static String readSource(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static void write(Path file, String text) {
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
