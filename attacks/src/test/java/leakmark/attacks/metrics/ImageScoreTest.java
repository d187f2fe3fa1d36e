package leakmark.attacks.metrics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import leakmark.attacks.AttackException;
import leakmark.attacks.client.ImageBatch;
import leakmark.attacks.images.GeneratedImages;
import leakmark.attacks.images.Image;
import org.junit.jupiter.api.Test;

class ImageScoreTest {
    private static final List<Image> IMAGES = GeneratedImages.of(3, 16, 14, 3).stream()
            .map(image -> image.image())
            .toList();

    private static Image moved(Image image, float by) {
        float[] data = image.data().clone();
        for (int i = 0; i < data.length; i++) {
            data[i] += by;
        }
        return new Image(image.channels(), image.height(), image.width(), data);
    }

    /** Every pixel 0.01 off: mse 1e-4, 40 dB. */
    @Test
    void orderDoesNotMatter() {
        ImageBatch truth = new ImageBatch(IMAGES, new int[] {5, 5, 7});
        List<Image> recovered =
                List.of(moved(IMAGES.get(2), 0.01f), moved(IMAGES.get(0), -0.01f), moved(IMAGES.get(1), 0.01f));
        ImageScore score = ImageScore.of(truth, recovered, new int[] {7, 5, 6});
        assertArrayEquals(new int[] {1, 2, 0}, score.partner());
        assertEquals(1e-4, score.mse(), 1e-9);
        assertEquals(40, score.psnr(), 1e-4);
        assertEquals(2.0 / 3, score.labelAccuracy(), 1e-12);
        assertTrue(score.ssim() > 0.9 && score.ssim() < 1);
        assertTrue(score.recovered());
    }

    /** One bad image of three: the mean may be small, the batch is not recovered. */
    @Test
    void everyImageMustBeRecovered() {
        ImageBatch truth = new ImageBatch(IMAGES, new int[3]);
        List<Image> recovered = List.of(IMAGES.get(0), IMAGES.get(1), moved(IMAGES.get(2), 0.04f));
        ImageScore score = ImageScore.of(truth, recovered, new int[3]);
        assertEquals(1.6e-3 / 3, score.mse(), 1e-7);
        assertEquals(1.6e-3, score.worstMse(), 1e-7);
        assertFalse(score.recovered());
        assertEquals(
                "1 of 2",
                SuccessRate.of(List.of(score, ImageScore.of(truth, IMAGES, new int[3])))
                        .toString());
    }

    @Test
    void whatIsNotFiniteIsNotRecovered() {
        Image bad = moved(IMAGES.get(0), Float.NaN);
        ImageScore score = ImageScore.of(
                new ImageBatch(IMAGES, new int[3]), List.of(bad, IMAGES.get(0), IMAGES.get(1)), new int[3]);
        assertFalse(score.recovered());
        assertEquals(2, Arrays.stream(score.partner()).filter(p -> p != 0).count());
    }

    /** Two constant images: SSIM is (2ab + C₁)/(a² + b² + C₁). And of a window with one bright pixel, by hand. */
    @Test
    void ssimByHand() {
        Image a = moved(Image.black(1, 12, 13), 0.5f);
        Image b = moved(Image.black(1, 12, 13), 0.25f);
        assertEquals((0.25 + 1e-4) / (0.3125 + 1e-4), StructuralSimilarity.of(a, b), 1e-6);
        assertEquals(1, StructuralSimilarity.of(IMAGES.get(0), IMAGES.get(0)), 1e-12);
        // One row of three weights w, 1-2w, w; a = (0,1,0), b = (0,0,0).
        double w = Math.exp(-1 / 4.5) / (1 + 2 * Math.exp(-1 / 4.5));
        double side = (1 - 2 * w) * (1 - 2 * w);
        Image spot = new Image(1, 3, 3, new float[] {0, 0, 0, 0, 1, 0, 0, 0, 0});
        double variance = side - side * side;
        assertEquals(
                1e-4 * 9e-4 / ((side * side + 1e-4) * (variance + 9e-4)),
                StructuralSimilarity.of(spot, Image.black(1, 3, 3)),
                1e-9);
    }

    @Test
    void tokensCountWhereTheyStand() {
        List<int[]> truth = List.of(new int[] {1, 2, 3, 4}, new int[] {5, 6, 7, 8});
        List<int[]> recovered = List.of(new int[] {5, 7, 6, 8}, new int[] {1, 2, 3, 9});
        assertEquals(5.0 / 8, TokenAccuracy.of(truth, recovered), 1e-12);
        assertEquals(0, TokenAccuracy.of(truth, List.of()), 0);
    }

    /** Wilson's interval of 20 of 20: (0.8389, 1). */
    @Test
    void twentyOfTwentyIsNotCertainty() {
        assertEquals(0.8389, new SuccessRate(20, 20).low(), 1e-4);
        assertEquals(1, new SuccessRate(20, 20).high(), 1e-12);
    }

    @Test
    void unequalBatchesAreRefused() {
        assertThrows(AttackException.class, () -> new ImageBatch(IMAGES, new int[2]));
        assertThrows(AttackException.class, () -> new ImageBatch(List.of(), new int[0]));
        assertThrows(
                AttackException.class, () -> new ImageBatch(List.of(IMAGES.get(0), Image.black(1, 2, 2)), new int[2]));
    }
}
