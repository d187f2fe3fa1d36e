package leakmark.attacks.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import leakmark.attacks.AttackException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GeneratedImagesTest {
    private static double meanSquare(Image a, Image b) {
        double sum = 0;
        for (int i = 0; i < a.data().length; i++) {
            double difference = a.data()[i] - b.data()[i];
            sum += difference * difference;
        }
        return sum / a.data().length;
    }

    @ParameterizedTest
    @CsvSource({"3,32,32", "1,28,28", "3,64,64", "1,8,13"})
    void allAreDifferentHaveContrastAndStayInRange(int channels, int height, int width) {
        List<LabelledImage> images = ImageSource.read("generated", channels, height, width, 1000);
        assertTrue(images.size() >= 60);
        assertEquals(images, GeneratedImages.of(channels, height, width, 1000));
        for (int i = 0; i < images.size(); i++) {
            Image image = images.get(i).image();
            float least = 1;
            float most = 0;
            for (float value : image.data()) {
                least = Math.min(least, value);
                most = Math.max(most, value);
            }
            assertTrue(least >= 0 && most <= 1);
            assertTrue(most - least > 0.15, images.get(i).name() + ": " + (most - least));
            for (int j = 0; j < i; j++) {
                // Three times what counts as recovered: no image can pass for another.
                double difference = meanSquare(image, images.get(j).image());
                assertTrue(difference > 3e-3, i + " and " + j + ": " + difference);
            }
        }
        assertEquals(
                GeneratedImages.KINDS,
                images.stream().map(LabelledImage::label).distinct().count());
    }

    @ParameterizedTest
    @CsvSource({"2,32,32", "3,65,32", "3,32,7"})
    void otherSizesAreRefused(int channels, int height, int width) {
        AttackException refused =
                assertThrows(AttackException.class, () -> ImageSource.read("generated", channels, height, width, 1));
        assertTrue(String.valueOf(refused.getMessage()).startsWith("generated images have 1 or 3 channels"));
    }

    @Test
    void aStripHasThreeRowsOfPictures(@TempDir Path folder) throws IOException {
        Image truth = new Image(1, 1, 2, new float[] {0, 1});
        Image recovered = new Image(1, 1, 2, new float[] {0.2f, 2});
        Path file = folder.resolve("strip.png");
        ImageStrip.write(file, ImageStrip.comparison(List.of(truth, truth), List.of(truth, recovered), 3));
        var strip = ImageIO.read(new ByteArrayInputStream(Files.readAllBytes(file)));
        assertEquals(2 * 6 + 2, strip.getWidth());
        assertEquals(3 * 3 + 2 * 2, strip.getHeight());
        assertEquals(0xFF000000, strip.getRGB(2, 2));
        assertEquals(0xFFFFFFFF, strip.getRGB(3, 0));
        // The second recovered picture; 2 is beyond white.
        assertEquals(0xFF333333, strip.getRGB(8, 5));
        assertEquals(0xFFFFFFFF, strip.getRGB(13, 7));
        // Differences: none, then 0.2 and 1 more.
        assertEquals(0xFF808080, strip.getRGB(0, 12));
        assertEquals(0xFF999999, strip.getRGB(8, 12));
        assertEquals(0xFFFFFFFF, strip.getRGB(13, 12));
        try (var files = Files.list(folder)) {
            assertEquals(1, files.count());
        }
    }

    @Test
    void aStripThatCannotBeWrittenLeavesNothing(@TempDir Path folder) {
        Image image = Image.black(1, 2, 2);
        assertThrows(
                AttackException.class,
                () -> ImageStrip.write(folder.resolve("no/strip.png"), ImageStrip.png(List.of(List.of(image)), 1)));
        assertEquals(0, java.util.Objects.requireNonNull(folder.toFile().list()).length);
    }
}
