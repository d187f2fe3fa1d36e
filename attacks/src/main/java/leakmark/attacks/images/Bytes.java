package leakmark.attacks.images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import leakmark.attacks.AttackException;

/** Whole small files, and pixels of bytes. */
final class Bytes {
    private Bytes() {}

    static byte[] of(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new AttackException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /** Bytes 0 to 255 as values 0 to 1, in the order of the file. */
    static Image image(byte[] bytes, int from, int channels, int height, int width) {
        float[] data = new float[channels * height * width];
        for (int i = 0; i < data.length; i++) {
            data[i] = (bytes[from + i] & 0xFF) / 255f;
        }
        return new Image(channels, height, width, data);
    }
}
