package leakmark.attacks.images;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import leakmark.attacks.AttackException;

/**
 * A folder of PNG and JPEG files, in the order of their paths. Folders in it are classes, numbered in the order of their
 * names; files outside any are of class 0.
 */
final class ImageFolder {
    private ImageFolder() {}

    static List<LabelledImage> read(Path folder, int channels, int most) {
        if (channels != 1 && channels != 3) {
            throw new AttackException(folder + ": images of a folder have 1 or 3 channels, the model takes " + channels
                    + "; give --image-shape");
        }
        List<Path> files = files(folder);
        if (files.isEmpty()) {
            throw new AttackException(folder + ": has no PNG or JPEG files");
        }
        TreeSet<String> classes = new TreeSet<>();
        files.forEach(file -> classes.add(className(folder, file)));
        List<LabelledImage> images = new ArrayList<>();
        for (Path file : files.subList(0, Math.min(files.size(), most))) {
            images.add(new LabelledImage(
                    file.toString(),
                    image(file, channels),
                    classes.headSet(className(folder, file)).size()));
        }
        return images;
    }

    private static String className(Path folder, Path file) {
        Path relative = folder.relativize(file);
        return relative.getNameCount() > 1 ? relative.getName(0).toString() : "";
    }

    private static List<Path> files(Path folder) {
        try (Stream<Path> all = Files.walk(folder, 2)) {
            return all.filter(file -> file.toString().toLowerCase(Locale.ROOT).matches("(?s).*\\.(png|jpg|jpeg)"))
                    .filter(Files::isRegularFile)
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new AttackException(folder + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static Image image(Path file, int channels) {
        BufferedImage pixels;
        try {
            pixels = ImageIO.read(file.toFile());
        } catch (IOException | RuntimeException e) {
            // The decoders meet broken files with exceptions of all kinds.
            throw new AttackException(file + ": cannot be read as an image: " + e.getMessage(), e);
        }
        if (pixels == null) {
            throw new AttackException(file + ": is not a PNG or JPEG image");
        }
        int height = pixels.getHeight();
        int width = pixels.getWidth();
        float[] data = new float[channels * height * width];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int rgb = pixels.getRGB(x, y);
                float red = ((rgb >> 16) & 0xFF) / 255f;
                float green = ((rgb >> 8) & 0xFF) / 255f;
                float blue = (rgb & 0xFF) / 255f;
                int at = y * width + x;
                if (channels == 1) {
                    // ITU-R BT.601 luma.
                    data[at] = 0.299f * red + 0.587f * green + 0.114f * blue;
                } else {
                    data[at] = red;
                    data[height * width + at] = green;
                    data[2 * height * width + at] = blue;
                }
            }
        }
        return new Image(channels, height, width, data);
    }
}
