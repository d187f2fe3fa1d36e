package leakmark.attacks.images;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import leakmark.attacks.AttackException;

/**
 * CIFAR's binary format: records of one label (CIFAR-10) or a coarse and a fine label (CIFAR-100), then 3 × 32 × 32 bytes,
 * plane by plane. Which of the two a file is, its length tells.
 */
final class CifarFile {
    private static final int SIDE = 32;
    private static final int PIXELS = 3 * SIDE * SIDE;

    private CifarFile() {}

    static List<LabelledImage> read(Path file, int most) {
        byte[] bytes = Bytes.of(file);
        int labels = bytes.length % (PIXELS + 1) == 0 ? 1 : 2;
        int record = PIXELS + labels;
        if (bytes.length == 0 || bytes.length % record != 0) {
            throw new AttackException(
                    file + ": has " + bytes.length + " bytes, which is neither whole records of CIFAR-10 ("
                            + (PIXELS + 1) + ") nor of CIFAR-100 (" + (PIXELS + 2) + "), nor is it an IDX file");
        }
        int classes = labels == 1 ? 10 : 100;
        List<LabelledImage> images = new ArrayList<>();
        for (int i = 0; i < Math.min(bytes.length / record, most); i++) {
            int start = i * record;
            int label = bytes[start + labels - 1] & 0xFF;
            if (label >= classes) {
                throw new AttackException(file + ": record " + i + " has the label " + label + ", CIFAR-" + classes
                        + " has 0 to " + (classes - 1));
            }
            images.add(new LabelledImage(
                    file.getFileName() + "[" + i + "]", Bytes.image(bytes, start + labels, 3, SIDE, SIDE), label));
        }
        return images;
    }
}
