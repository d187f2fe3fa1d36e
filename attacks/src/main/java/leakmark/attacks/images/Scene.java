package leakmark.attacks.images;

import java.util.SplittableRandom;
import java.util.function.DoubleBinaryOperator;

/** A canvas of colours on the unit square, u to the right and v down. */
final class Scene {
    /** Samples a pixel's side, so that edges are smooth. */
    private static final int SAMPLES = 3;

    private final int height;
    private final int width;
    private final float[] planes;
    private final boolean light;

    /** Red, green and blue, 0 to 1. */
    record Colour(double red, double green, double blue) {
        static Colour of(SplittableRandom random, boolean light) {
            double least = light ? 0.55 : 0;
            return new Colour(
                    least + random.nextDouble(0.45), least + random.nextDouble(0.45), least + random.nextDouble(0.45));
        }

        double channel(int index) {
            return index == 0 ? red : index == 1 ? green : blue;
        }
    }

    /** A background, light or dark, that goes from one colour halfway to another, from top to bottom. */
    Scene(int height, int width, SplittableRandom random) {
        this.height = height;
        this.width = width;
        this.planes = new float[3 * height * width];
        this.light = random.nextBoolean();
        Colour top = Colour.of(random, light);
        for (int c = 0; c < 3; c++) {
            java.util.Arrays.fill(planes, c * height * width, (c + 1) * height * width, (float) top.channel(c));
        }
        paint(Colour.of(random, light), (u, v) -> v / 2);
    }

    /** A colour that shows on the background. */
    Colour contrast(SplittableRandom random) {
        return Colour.of(random, !light);
    }

    /** Lays a colour over the canvas, with the opacity (cut to 0 to 1) a function of place gives. */
    void paint(Colour colour, DoubleBinaryOperator opacity) {
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                double covered = 0;
                for (int s = 0; s < SAMPLES * SAMPLES; s++) {
                    double u = (x + (s % SAMPLES + 0.5) / SAMPLES) / width;
                    double v = (y + (Math.floorDiv(s, SAMPLES) + 0.5) / SAMPLES) / height;
                    covered += Math.min(1, Math.max(0, opacity.applyAsDouble(u, v)));
                }
                covered /= SAMPLES * SAMPLES;
                for (int c = 0; c < 3; c++) {
                    int at = (c * height + y) * width + x;
                    planes[at] += (float) (covered * (colour.channel(c) - planes[at]));
                }
            }
        }
    }

    /** The canvas, or the mean of its colours. */
    Image image(int channels) {
        if (channels == 3) {
            return new Image(3, height, width, planes.clone());
        }
        int plane = height * width;
        float[] grey = new float[plane];
        for (int i = 0; i < plane; i++) {
            grey[i] = (planes[i] + planes[plane + i] + planes[2 * plane + i]) / 3;
        }
        return new Image(1, height, width, grey);
    }
}
