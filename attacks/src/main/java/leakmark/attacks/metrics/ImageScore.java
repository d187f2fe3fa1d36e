package leakmark.attacks.metrics;

import java.util.List;
import leakmark.attacks.client.ImageBatch;
import leakmark.attacks.images.Image;
import leakmark.attacks.optim.Assignment;

/**
 * How well an attack recovered a batch of images. Each true image is compared with one recovered image, by the assignment
 * with the least sum of squared differences.
 *
 * @param partner index of each true image's recovered one
 * @param mse mean squared difference over all pixels of the batch, pixels from 0 to 1
 * @param psnr {@code 10·log₁₀(1/mse)}, decibels; infinite where mse is 0
 * @param ssim structural similarity (Wang et al. 2004), mean over images
 * @param labelAccuracy fraction of the true images whose partner has their label
 * @param worstMse largest mse of one image
 */
public record ImageScore(int[] partner, double mse, double psnr, double ssim, double labelAccuracy, double worstMse) {
    /** An image counts as recovered below this mean squared error. */
    public static final double RECOVERED = 1e-3;

    /**
     * Scores a recovered batch.
     *
     * @param recovered as many images as the batch has, of its shape
     * @param labels their labels
     */
    public static ImageScore of(ImageBatch truth, List<Image> recovered, int[] labels) {
        int count = truth.images().size();
        if (recovered.size() != count || labels.length != count) {
            throw new IllegalArgumentException(count + " true images, " + recovered.size() + " recovered");
        }
        double[][] value = new double[count][count];
        for (int t = 0; t < count; t++) {
            for (int r = 0; r < count; r++) {
                // An attack that diverged has images without finite pixels; they match nothing.
                double error = mse(truth.images().get(t), recovered.get(r));
                value[t][r] = error < 1e30 ? -error : -1e30;
            }
        }
        int[] partner = Assignment.largest(value);
        double sum = 0;
        double ssim = 0;
        double worst = 0;
        int sameLabel = 0;
        for (int t = 0; t < count; t++) {
            Image found = recovered.get(partner[t]);
            double error = mse(truth.images().get(t), found);
            sum += error / count;
            worst = Double.isNaN(error) ? error : Math.max(worst, error);
            ssim += StructuralSimilarity.of(truth.images().get(t), found) / count;
            sameLabel += labels[partner[t]] == truth.labels()[t] ? 1 : 0;
        }
        return new ImageScore(partner, sum, psnr(sum), ssim, (double) sameLabel / count, worst);
    }

    /** True if every image of the batch is recovered. */
    public boolean recovered() {
        return worstMse < RECOVERED;
    }

    /** {@code 10·log₁₀(1/mse)}. */
    public static double psnr(double mse) {
        return -10 * Math.log10(mse);
    }

    private static double mse(Image a, Image b) {
        if (!a.hasShapeOf(b)) {
            throw new IllegalArgumentException(a + " and " + b);
        }
        double sum = 0;
        for (int i = 0; i < a.data().length; i++) {
            double difference = (double) a.data()[i] - b.data()[i];
            sum += difference * difference;
        }
        return sum / a.data().length;
    }
}
