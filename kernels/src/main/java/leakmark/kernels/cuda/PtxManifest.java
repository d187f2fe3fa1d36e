package leakmark.kernels.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Ties the PTX in the jar to its source: per module the SHA-256 of source and headers, of the compiler's flags and of the
 * PTX. The PTX is checked when it is loaded, the source at every build.
 */
final class PtxManifest {
    static final String FILE = "manifest.properties";

    private final Properties entries = new Properties();
    private final Function<String, String> files;

    /**
     * Reads a manifest.
     *
     * @param files text of a file beside the manifest
     */
    PtxManifest(Function<String, String> files) {
        this.files = files;
        try {
            entries.load(new StringReader(files.apply(FILE)));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** The one in the jar. */
    static PtxManifest shipped() {
        return new PtxManifest(PtxManifest::resource);
    }

    private static String resource(String name) {
        try (InputStream stream = PtxManifest.class.getResourceAsStream(name)) {
            if (stream == null) {
                throw new IllegalStateException("this jar has no " + name + ": built without its resources");
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Names of the modules. */
    Set<String> modules() {
        TreeSet<String> names = new TreeSet<>();
        entries.stringPropertyNames().forEach(key -> names.add(key.substring(0, key.indexOf('.'))));
        return names;
    }

    /** A value of a module: {@code source}, {@code ptx}, {@code flags}, {@code compiler}. */
    String value(String module, String key) {
        String value = entries.getProperty(module + "." + key);
        if (value == null) {
            throw new IllegalStateException(
                    "no " + key + " of '" + module + "' in " + FILE + "; it knows " + modules());
        }
        return value;
    }

    /**
     * A module's PTX.
     *
     * @throws IllegalStateException if it is not the one the manifest names
     */
    String ptx(String module) {
        String ptx = files.apply(module + ".ptx");
        String found = sha256(ptx);
        if (!found.equals(value(module, "ptx"))) {
            throw new IllegalStateException(module + ".ptx is not the one that was tested: its SHA-256 is " + found
                    + ", the manifest says " + value(module, "ptx"));
        }
        return ptx;
    }

    static String sha256(String text) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
