package leakmark.benchmarks.run;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import org.jspecify.annotations.Nullable;

/**
 * Hash of everything a side's benchmarks can run: classes and PTX of the kernels and attacks, the benchmarks themselves, and
 * the libraries by name and size. The command line and the reports are left out: they cannot make an attack slower.
 */
public final class CodeHash {
    private static final String OURS = "leakmark-";
    private static final String REPORTS = "leakmark-reports";
    private static final String PROGRAM = "leakmark/benchmarks/";
    private static final String BENCHMARKS = "leakmark/benchmarks/jmh/";

    private CodeHash() {}

    /** Of the program that runs; null unless its class path is one jar, as the launcher's is. */
    static @Nullable String ofThisProgram() {
        Path classPath = Path.of(System.getProperty("java.class.path"));
        try {
            return Files.isRegularFile(classPath) ? of(classPath) : null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sixteen hexadecimal digits. */
    public static String of(Path jar) throws IOException {
        MessageDigest digest = sha256();
        addEntries(digest, jar);
        for (Path library : libraries(jar)) {
            String name = String.valueOf(library.getFileName());
            if (name.startsWith(OURS)) {
                if (!name.startsWith(REPORTS)) {
                    addEntries(digest, library);
                }
            } else if (Files.isRegularFile(library)) {
                digest.update((name + " " + Files.size(library)).getBytes(StandardCharsets.UTF_8));
            }
        }
        return HexFormat.of().formatHex(digest.digest()).substring(0, 16);
    }

    private static void addEntries(MessageDigest digest, Path path) throws IOException {
        try (JarFile jar = new JarFile(path.toFile())) {
            List<JarEntry> entries = new ArrayList<>(jar.stream()
                    .filter(entry -> !entry.isDirectory() && counts(entry.getName()))
                    .toList());
            entries.sort(Comparator.comparing(JarEntry::getName));
            for (JarEntry entry : entries) {
                digest.update(entry.getName().getBytes(StandardCharsets.UTF_8));
                try (InputStream stream = jar.getInputStream(entry)) {
                    digest.update(stream.readAllBytes());
                }
            }
        }
    }

    /** META-INF holds build times; of this program's own packages only the benchmarks are measured. */
    private static boolean counts(String name) {
        if (name.startsWith("META-INF/")) {
            return name.startsWith("META-INF/services/");
        }
        return !name.startsWith(PROGRAM) || name.startsWith(BENCHMARKS);
    }

    /** The manifest's class path, in order of names. */
    private static List<Path> libraries(Path path) throws IOException {
        try (JarFile jar = new JarFile(path.toFile())) {
            Manifest manifest = jar.getManifest();
            String classPath =
                    manifest == null ? null : manifest.getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
            Path folder = path.toAbsolutePath().getParent();
            if (classPath == null || folder == null) {
                return List.of();
            }
            List<Path> libraries = new ArrayList<>();
            for (String word : classPath.strip().split(" +", -1)) {
                libraries.add(word.startsWith("file:") ? Path.of(java.net.URI.create(word)) : folder.resolve(word));
            }
            libraries.sort(Comparator.comparing(library -> String.valueOf(library.getFileName())));
            return List.copyOf(libraries);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
