package leakmark.attacks.images;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import leakmark.attacks.AttackException;

/** Images by what a user calls them: a file, a folder, or {@value #GENERATED}. */
public final class ImageSource {
    /** The name of the set drawn by code. */
    public static final String GENERATED = "generated";

    private ImageSource() {}

    /**
     * Reads images of one shape.
     *
     * @param source {@value #GENERATED}, an IDX file of images (its labels beside it), a CIFAR binary file, or a folder of
     *     PNG and JPEG files
     * @param channels of the model's input
     * @param height of the model's input
     * @param width of the model's input
     * @param most read no more than these
     * @return at least one image
     * @throws AttackException if there are none, they cannot be read, or they have another shape
     */
    public static List<LabelledImage> read(String source, int channels, int height, int width, int most) {
        if (source.equals(GENERATED)) {
            return GeneratedImages.of(channels, height, width, most);
        }
        if (source.isBlank()) {
            throw new AttackException("no images are named; give a file, a folder, or " + GENERATED);
        }
        Path path = path(source);
        List<LabelledImage> images;
        if (Files.isDirectory(path)) {
            images = ImageFolder.read(path, channels, most);
        } else if (!Files.isRegularFile(path)) {
            throw new AttackException("there are no images at " + path + "; give a file, a folder, or " + GENERATED);
        } else if (IdxFile.isIdx(path)) {
            images = IdxFile.read(path, most);
        } else {
            images = CifarFile.read(path, most);
        }
        for (LabelledImage image : images) {
            Image pixels = image.image();
            if (pixels.channels() != channels || pixels.height() != height || pixels.width() != width) {
                throw new AttackException(image.name() + ": is " + pixels.shape() + ", the model takes " + channels
                        + " × " + height + " × " + width + "; give images of that size, or a model for these");
            }
        }
        return images;
    }

    private static Path path(String source) {
        try {
            return Path.of(source);
        } catch (InvalidPathException e) {
            throw new AttackException("'" + source + "' is no path: " + e.getReason(), e);
        }
    }
}
