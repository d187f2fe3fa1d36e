package leakmark.kernels.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import jcuda.JCudaVersion;
import jcuda.LibUtils;

/**
 * Puts JCuda's native library where JCuda looks for it.
 *
 * <p>JCuda unpacks to a fixed name in {@code java.io.tmpdir} and loads what lies there: of two JVMs that start together, one
 * loads the other's half-written file. Placed by an atomic move beforehand, the file is whole or not there.
 */
final class Natives {
    private Natives() {}

    static void place() {
        place("JCudaDriver");
    }

    /**
     * Places one library.
     *
     * @throws UnsatisfiedLinkError if it cannot be written
     */
    static void place(String library) {
        String file =
                LibUtils.createLibraryFileName(LibUtils.createPlatformLibraryName(library + "-" + JCudaVersion.get()));
        try (InputStream resource = LibUtils.class.getResourceAsStream("/lib/" + file)) {
            if (resource != null) { // else another platform: JCuda says so itself
                place(resource.readAllBytes(), Path.of(System.getProperty("java.io.tmpdir"), file));
            }
        } catch (IOException failure) {
            throw new UnsatisfiedLinkError(file + " cannot be unpacked: " + failure.getMessage());
        }
    }

    private static void place(byte[] library, Path target) throws IOException {
        if (Files.isRegularFile(target) && Arrays.equals(library, Files.readAllBytes(target))) {
            return;
        }
        Path written = Files.createTempFile(target.getParent(), "leakmark-", ".so");
        try {
            Files.write(written, library);
            Files.move(written, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(written);
        }
    }
}
