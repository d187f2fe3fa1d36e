package leakmark.attacks.metrics;

import leakmark.attacks.images.Image;

/**
 * Structural similarity (Wang, Bovik, Sheikh, Simoncelli 2004), mean over channels and window positions inside the image:
 * {@code (2μₐμ_b + C₁)(2σ_ab + C₂) / ((μₐ² + μ_b² + C₁)(σₐ² + σ_b² + C₂))}, Gaussian windows of 11 × 11 with σ = 1.5,
 * C₁ = 0.01², C₂ = 0.03². Smaller images have the largest window of odd side that fits.
 */
final class StructuralSimilarity {
    private static final int SIDE = 11;
    private static final double SIGMA = 1.5;
    private static final double C1 = 0.01 * 0.01;
    private static final double C2 = 0.03 * 0.03;

    private StructuralSimilarity() {}

    static double of(Image a, Image b) {
        int smallest = Math.min(a.height(), a.width());
        int side = Math.min(SIDE, smallest - (smallest + 1) % 2);
        double[] window = window(side);
        double sum = 0;
        int positions = 0;
        for (int c = 0; c < a.channels(); c++) {
            for (int y = 0; y + side <= a.height(); y++) {
                for (int x = 0; x + side <= a.width(); x++) {
                    sum += at(a, b, window, side, (c * a.height() + y) * a.width() + x);
                    positions++;
                }
            }
        }
        return sum / positions;
    }

    private static double at(Image a, Image b, double[] window, int side, int corner) {
        double meanA = 0;
        double meanB = 0;
        double squareA = 0;
        double squareB = 0;
        double product = 0;
        for (int y = 0; y < side; y++) {
            for (int x = 0; x < side; x++) {
                double weight = window[y] * window[x];
                double p = a.data()[corner + y * a.width() + x];
                double q = b.data()[corner + y * a.width() + x];
                meanA += weight * p;
                meanB += weight * q;
                squareA += weight * p * p;
                squareB += weight * q * q;
                product += weight * p * q;
            }
        }
        double varianceA = squareA - meanA * meanA;
        double varianceB = squareB - meanB * meanB;
        double covariance = product - meanA * meanB;
        return (2 * meanA * meanB + C1)
                * (2 * covariance + C2)
                / ((meanA * meanA + meanB * meanB + C1) * (varianceA + varianceB + C2));
    }

    private static double[] window(int side) {
        double[] window = new double[side];
        double sum = 0;
        for (int i = 0; i < side; i++) {
            double distance = i - side / 2;
            window[i] = Math.exp(-distance * distance / (2 * SIGMA * SIGMA));
            sum += window[i];
        }
        for (int i = 0; i < side; i++) {
            window[i] /= sum;
        }
        return window;
    }
}
