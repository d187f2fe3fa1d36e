package leakmark.attacks.dlg;

import leakmark.kernels.matching.Shape.Image;

/** Mean magnitude of the difference of neighbouring pixels, along rows plus along columns, and its derivative. */
final class TotalVariation {
    private final Image shape;

    TotalVariation(Image shape) {
        this.shape = shape;
    }

    /**
     * The weighted total variation of images one after the other.
     *
     * @param count images
     * @param gradient is added the derivative
     */
    double add(float[] pixels, int count, double weight, float[] gradient) {
        int height = shape.height();
        int width = shape.width();
        int planes = count * shape.channels();
        double down = height < 2 ? 0 : weight / ((double) planes * (height - 1) * width);
        double right = width < 2 ? 0 : weight / ((double) planes * height * (width - 1));
        double sum = 0;
        for (int plane = 0; plane < planes; plane++) {
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    int at = (plane * height + y) * width + x;
                    if (y + 1 < height) {
                        sum += pair(pixels, gradient, at, at + width, down);
                    }
                    if (x + 1 < width) {
                        sum += pair(pixels, gradient, at, at + 1, right);
                    }
                }
            }
        }
        return sum;
    }

    private static double pair(float[] pixels, float[] gradient, int a, int b, double weight) {
        double difference = (double) pixels[b] - pixels[a];
        float slope = (float) (weight * Math.signum(difference));
        gradient[b] += slope;
        gradient[a] -= slope;
        return weight * Math.abs(difference);
    }
}
