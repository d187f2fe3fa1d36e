package leakmark.attacks.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import leakmark.attacks.AttackException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageSourceTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private static byte[] idx(int magic, int[] extents, int... bytes) {
        ByteBuffer content = ByteBuffer.allocate(4 + 4 * extents.length + bytes.length);
        content.putInt(magic);
        for (int extent : extents) {
            content.putInt(extent);
        }
        for (int value : bytes) {
            content.put((byte) value);
        }
        return content.array();
    }

    private Path write(String name, byte[] content) throws IOException {
        return Files.write(folder.resolve(name), content);
    }

    private static void refused(String message, String source, int channels, int height, int width) {
        AttackException refused =
                assertThrows(AttackException.class, () -> ImageSource.read(source, channels, height, width, 100));
        assertTrue(String.valueOf(refused.getMessage()).matches("(?s).*" + message + ".*"), refused.getMessage());
        assertEquals(1, String.valueOf(refused.getMessage()).lines().count());
    }

    @Test
    void idxImagesHaveTheirLabelsBeside() throws IOException {
        Path file = write("train-images-idx3-ubyte", idx(0x0803, new int[] {2, 1, 3}, 0, 51, 255, 102, 153, 204));
        write("train-labels-idx1-ubyte", idx(0x0801, new int[] {2}, 7, 200));
        List<LabelledImage> images = ImageSource.read(file.toString(), 1, 1, 3, 100);
        assertEquals(2, images.size());
        assertEquals(new Image(1, 1, 3, new float[] {0, 0.2f, 1}), images.get(0).image());
        assertEquals(List.of(7, 200), images.stream().map(LabelledImage::label).toList());
        assertEquals(1, ImageSource.read(file.toString(), 1, 1, 3, 1).size());
    }

    @Test
    void brokenIdxFilesAreRefused() throws IOException {
        refused(
                "truncated",
                write("short", idx(0x0803, new int[] {2, 2, 2}, 1, 2, 3)).toString(),
                1,
                2,
                2);
        refused("no IDX file", write("labels", idx(0x0801, new int[] {1}, 1)).toString(), 1, 1, 1);
        refused(
                "gunzip",
                write("zip.gz", new byte[] {0x1F, (byte) 0x8B, 8, 0, 0}).toString(),
                1,
                1,
                1);
        refused(
                "is 1 × 1 × 2, the model takes 3 × 32 × 32",
                write("small", idx(0x0803, new int[] {1, 1, 2}, 1, 2)).toString(),
                3,
                32,
                32);
        write("t-labels.idx1", idx(0x0801, new int[] {2}, 1, 2));
        refused(
                "has 2 labels, t-images.idx3 has 1 images",
                write("t-images.idx3", idx(0x0803, new int[] {1, 1, 1}, 9)).toString(),
                1,
                1,
                1);
    }

    @Test
    void cifarIsToldByItsLength() throws IOException {
        byte[] ten = new byte[2 * 3073];
        ten[0] = 9;
        ten[1] = (byte) 255;
        ten[3073] = 3;
        List<LabelledImage> images = ImageSource.read(write("ten.bin", ten).toString(), 3, 32, 32, 100);
        assertEquals(List.of(9, 3), images.stream().map(LabelledImage::label).toList());
        assertEquals(1f, images.get(0).image().data()[0]);
        byte[] hundred = new byte[3074];
        hundred[0] = 19;
        hundred[1] = 99;
        hundred[3073] = 51;
        LabelledImage image = ImageSource.read(write("hundred.bin", hundred).toString(), 3, 32, 32, 100)
                .get(0);
        assertEquals(99, image.label());
        assertEquals(0.2f, image.image().data()[3071]);
    }

    @Test
    void brokenCifarFilesAreRefused() throws IOException {
        refused("neither whole records", write("a.bin", new byte[3000]).toString(), 3, 32, 32);
        refused("neither whole records", write("empty.bin", new byte[0]).toString(), 3, 32, 32);
        byte[] wrongLabel = new byte[3073];
        wrongLabel[0] = 10;
        refused("the label 10, CIFAR-10 has 0 to 9", write("b.bin", wrongLabel).toString(), 3, 32, 32);
    }

    private static byte[] encoded(String format, int width, int height, int rgb) throws IOException {
        BufferedImage pixels = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < width * height; i++) {
            pixels.setRGB(i % width, i / width, rgb);
        }
        pixels.setRGB(width - 1, 0, 0xFFFFFF);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        assertTrue(ImageIO.write(pixels, format, bytes));
        return bytes.toByteArray();
    }

    @Test
    void aFolderHasClassesByFolder() throws IOException {
        Files.createDirectory(folder.resolve("cat"));
        Files.createDirectory(folder.resolve("dog"));
        write("dog/1.PNG", encoded("png", 2, 3, 0x336699));
        write("cat/2.jpeg", encoded("jpg", 2, 3, 0x336699));
        write("cat/readme.txt", new byte[] {1});
        List<LabelledImage> images = ImageSource.read(folder.toString(), 3, 3, 2, 100);
        assertEquals(List.of(0, 1), images.stream().map(LabelledImage::label).toList());
        float[] png = images.get(1).image().data();
        float[] expected = {
            0.2f, 1, 0.2f, 0.2f, 0.2f, 0.2f, 0.4f, 1, 0.4f, 0.4f, 0.4f, 0.4f, 0.6f, 1, 0.6f, 0.6f, 0.6f, 0.6f
        };
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], png[i], 1e-6f);
        }
        float[] grey =
                ImageSource.read(folder.toString(), 1, 3, 2, 100).get(1).image().data();
        assertEquals(0.299 * 0.2 + 0.587 * 0.4 + 0.114 * 0.6, grey[0], 1e-6);
    }

    @Test
    void brokenFoldersAreRefused() throws IOException {
        refused("has no PNG or JPEG files", folder.toString(), 3, 32, 32);
        refused("there are no images at", folder.resolve("none").toString(), 3, 32, 32);
        refused("is no path", "a\0b", 3, 32, 32);
        write("a.png", new byte[] {1, 2, 3});
        refused("a.png: is not a PNG or JPEG image", folder.toString(), 3, 32, 32);
        byte[] png = encoded("png", 8, 8, 0);
        write("a.png", java.util.Arrays.copyOf(png, png.length - 30));
        refused("a.png: cannot be read", folder.toString(), 3, 8, 8);
        write("a.png", png);
        refused("a.png: is 3 × 8 × 8, the model takes 3 × 32 × 32", folder.toString(), 3, 32, 32);
    }
}
