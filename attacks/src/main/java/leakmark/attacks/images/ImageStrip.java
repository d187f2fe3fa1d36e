package leakmark.attacks.images;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import javax.imageio.ImageIO;
import leakmark.attacks.AttackException;

/** Images side by side as PNG: rows of pictures with a narrow gap, each pixel enlarged. */
public final class ImageStrip {
    private static final int GAP = 2;
    private static final int GREY = 0x80_80_80;

    private ImageStrip() {}

    /**
     * True, recovered and difference images of one batch, one below the other. The difference is 0.5 where both agree,
     * brighter where the recovered one is brighter.
     */
    public static byte[] comparison(List<Image> truth, List<Image> recovered, int enlargement) {
        List<Image> differences = new java.util.ArrayList<>();
        for (int i = 0; i < truth.size(); i++) {
            Image a = truth.get(i);
            float[] difference = new float[a.data().length];
            for (int k = 0; k < difference.length; k++) {
                difference[k] = 0.5f + (recovered.get(i).data()[k] - a.data()[k]) / 2;
            }
            differences.add(new Image(a.channels(), a.height(), a.width(), difference));
        }
        return png(List.of(truth, recovered, differences), enlargement);
    }

    /**
     * A PNG file's bytes.
     *
     * @param rows rows of images, all of one shape
     * @param enlargement pixels a side for each of the image
     */
    public static byte[] png(List<List<Image>> rows, int enlargement) {
        Image first = rows.get(0).get(0);
        int columns = rows.stream().mapToInt(List::size).max().orElse(0);
        int cellHeight = first.height() * enlargement + GAP;
        int cellWidth = first.width() * enlargement + GAP;
        BufferedImage canvas = new BufferedImage(
                columns * cellWidth - GAP, rows.size() * cellHeight - GAP, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < canvas.getHeight(); y++) {
            for (int x = 0; x < canvas.getWidth(); x++) {
                canvas.setRGB(x, y, GREY);
            }
        }
        for (int r = 0; r < rows.size(); r++) {
            for (int c = 0; c < rows.get(r).size(); c++) {
                paint(canvas, rows.get(r).get(c), c * cellWidth, r * cellHeight, enlargement);
            }
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            if (!ImageIO.write(canvas, "png", bytes)) {
                throw new IllegalStateException("this JDK writes no PNG");
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return bytes.toByteArray();
    }

    /**
     * Writes a file whole or not at all.
     *
     * @throws AttackException if it cannot be written
     */
    public static void write(Path file, byte[] png) {
        Path target = file.toAbsolutePath();
        Path temporary = target.resolveSibling("." + target.getFileName() + ".tmp");
        try {
            try {
                Files.write(temporary, png);
                Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(temporary);
            }
        } catch (IOException e) {
            throw new AttackException(file + " cannot be written: " + e.getMessage(), e);
        }
    }

    private static void paint(BufferedImage canvas, Image image, int left, int top, int enlargement) {
        int plane = image.height() * image.width();
        for (int y = 0; y < image.height() * enlargement; y++) {
            for (int x = 0; x < image.width() * enlargement; x++) {
                int at = y / enlargement * image.width() + x / enlargement;
                int red = level(image.data()[at]);
                int green = image.channels() == 3 ? level(image.data()[plane + at]) : red;
                int blue = image.channels() == 3 ? level(image.data()[2 * plane + at]) : red;
                canvas.setRGB(left + x, top + y, (red << 16) | (green << 8) | blue);
            }
        }
    }

    private static int level(float value) {
        return Math.round(255 * Math.min(1, Math.max(0, value)));
    }
}
