package leakmark.benchmarks.bundle;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/** The jars of the running program, without what a bundle cannot use. */
final class Libraries {
    /**
     * PyTorch, the Hugging Face tokenizers, and the cryptography of federated settings, which need PyTorch's clients: 140 MB that
     * an attack on a shared gradient of a preset does without.
     */
    private static final List<String> LEFT_OUT = List.of("pytorch-native-", "pytorch-jni-", "tokenizers-", "bcprov-");

    /** Native libraries nobody loads: two bindings of OpenBLAS, and of JCuda's all but the driver. */
    private static final List<String> UNUSED =
            List.of("openblas_nolapack", "openblas_full", "libJNvPTXCompiler", "libJNvrtc", "libJCudaRuntime");

    private Libraries() {}

    /** The class path of this process with what its jars' manifests name. */
    static Set<Path> ofThisProcess() throws IOException {
        Set<Path> all = new LinkedHashSet<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            // An empty entry is the working directory, with whatever lies there.
            if (!entry.isEmpty()) {
                add(Path.of(entry).toAbsolutePath().normalize(), all);
            }
        }
        return all;
    }

    private static void add(Path entry, Set<Path> all) throws IOException {
        if (!Files.exists(entry) || !all.add(entry) || Files.isDirectory(entry)) {
            return;
        }
        try (JarFile jar = new JarFile(entry.toFile())) {
            String named = jar.getManifest() == null
                    ? null
                    : jar.getManifest().getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
            if (named != null) {
                for (String part : named.strip().split(" +", -1)) {
                    add(entry.resolveSibling(part).normalize(), all);
                }
            }
        }
    }

    /**
     * Copies those a bundle uses into a folder.
     *
     * @param level of the jars' own compression, 0 to 9: none where the whole is compressed better afterwards
     */
    static void copy(Set<Path> entries, Path folder, int level) throws IOException {
        Files.createDirectories(folder);
        int classes = 0;
        for (Path entry : entries) {
            String name = entry.getFileName().toString();
            if (Files.isDirectory(entry)) {
                pack(entry, folder.resolve("classes-" + classes++ + ".jar"), level);
            } else if (LEFT_OUT.stream().noneMatch(name::startsWith)) {
                prune(entry, folder.resolve(name), level);
            }
        }
    }

    private static boolean isUnused(String name) {
        return UNUSED.stream().anyMatch(name::contains);
    }

    private static void prune(Path from, Path to, int level) throws IOException {
        try (ZipFile jar = new ZipFile(from.toFile());
                ZipOutputStream pruned = new ZipOutputStream(Files.newOutputStream(to))) {
            pruned.setLevel(level);
            for (Enumeration<? extends ZipEntry> all = jar.entries(); all.hasMoreElements(); ) {
                ZipEntry entry = all.nextElement();
                if (!isUnused(entry.getName())) {
                    pruned.putNextEntry(new ZipEntry(entry.getName()));
                    try (InputStream content = jar.getInputStream(entry)) {
                        content.transferTo(pruned);
                    }
                    pruned.closeEntry();
                }
            }
        }
    }

    /** A folder of classes, as a program has that was not packaged, becomes a jar. */
    private static void pack(Path from, Path to, int level) throws IOException {
        List<Path> files = new ArrayList<>();
        try (Stream<Path> walk = Files.walk(from)) {
            walk.filter(Files::isRegularFile).sorted().forEach(files::add);
        } catch (UncheckedIOException failure) {
            throw new IOException(failure);
        }
        try (OutputStream stream = Files.newOutputStream(to);
                ZipOutputStream jar = new ZipOutputStream(stream)) {
            jar.setLevel(level);
            for (Path file : files) {
                jar.putNextEntry(new ZipEntry(from.relativize(file).toString().replace(File.separatorChar, '/')));
                Files.copy(file, jar);
                jar.closeEntry();
            }
        }
    }
}
