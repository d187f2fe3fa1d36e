package leakmark.attacks.images;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import leakmark.attacks.AttackException;
import org.jspecify.annotations.Nullable;

/**
 * MNIST's format, not compressed: a magic number (0, 0, 8 for bytes, number of extents), the extents as big-endian 32-bit
 * numbers, the bytes. Labels lie in a file of one extent beside the images, {@code images} and {@code idx3} in its name
 * replaced by {@code labels} and {@code idx1}.
 */
final class IdxFile {
    private static final int IMAGES = 0x0803;
    private static final int LABELS = 0x0801;

    private IdxFile() {}

    /** True if the file starts as IDX files of bytes do, or is compressed by gzip, as they are published. */
    static boolean isIdx(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] start = in.readNBytes(4);
            boolean isIdx = start.length == 4 && start[0] == 0 && start[1] == 0 && start[2] == 8 && start[3] > 0;
            return isIdx || (start.length == 4 && isGzip(start));
        } catch (IOException e) {
            throw new AttackException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    static List<LabelledImage> read(Path file, int most) {
        ByteBuffer content = open(file, IMAGES, 3);
        int count = content.getInt();
        int height = content.getInt();
        int width = content.getInt();
        if (height < 1 || width < 1 || count < 1 || (long) count * height * width != content.remaining()) {
            throw new AttackException(file + ": claims " + count + " images of " + height + " × " + width + ", and has "
                    + content.remaining() + " bytes of them; it is truncated or no IDX file");
        }
        byte[] bytes = new byte[content.remaining()];
        content.get(bytes);
        ByteBuffer labels = labels(file, count);
        List<LabelledImage> images = new ArrayList<>();
        for (int i = 0; i < Math.min(count, most); i++) {
            images.add(new LabelledImage(
                    file.getFileName() + "[" + i + "]",
                    Bytes.image(bytes, i * height * width, 1, height, width),
                    labels == null ? 0 : labels.get(labels.position() + i) & 0xFF));
        }
        return images;
    }

    private static @Nullable ByteBuffer labels(Path images, int count) {
        String name = images.getFileName().toString();
        Path file = images.resolveSibling(name.replace("images", "labels").replace("idx3", "idx1"));
        if (file.equals(images) || !Files.isRegularFile(file)) {
            return null;
        }
        ByteBuffer content = open(file, LABELS, 1);
        int labels = content.getInt();
        if (labels != count || content.remaining() != count) {
            throw new AttackException(file + ": has " + content.remaining() + " labels, " + images.getFileName()
                    + " has " + count + " images");
        }
        return content;
    }

    private static ByteBuffer open(Path file, int magic, int extents) {
        ByteBuffer content = ByteBuffer.wrap(Bytes.of(file));
        if (content.remaining() >= 4 && isGzip(content.array())) {
            throw new AttackException(file + ": is compressed; unpack it with gunzip first");
        }
        if (content.remaining() < 4 + 4 * extents || content.getInt() != magic) {
            throw new AttackException(file + ": is no IDX file of " + (extents == 1 ? "labels" : "grey images"));
        }
        return content;
    }

    private static boolean isGzip(byte[] start) {
        return start[0] == 0x1F && start[1] == (byte) 0x8B;
    }
}
