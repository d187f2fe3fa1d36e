package leakmark.attacks.optim;

import org.jspecify.annotations.Nullable;

/**
 * Adam (Kingma and Ba, 2015) with β = (0.9, 0.999), ε = 1e-8.
 *
 * @param label its name
 * @param rate learning rate at the start
 * @param decayEvery iterations after which the rate falls to 0.1 of itself; 0 for never
 * @param signed true to use the gradient's signs only, as Geiping et al. do
 * @param low smallest value of a variable: after each step all are brought back to [low, high]
 * @param high largest value of a variable
 */
public record Adam(String label, double rate, int decayEvery, boolean signed, float low, float high)
        implements Optimiser {
    private static final double FIRST = 0.9;
    private static final double SECOND = 0.999;
    private static final double EPSILON = 1e-8;
    private static final double DECAY = 0.1;

    /** Adam without decay or bounds. */
    public static Adam of(double rate) {
        return new Adam("adam", rate, 0, false, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);
    }

    /** With a rate that falls to a tenth every {@code iterations}. */
    public Adam decaying(int iterations) {
        return new Adam(label, rate, iterations, signed, low, high);
    }

    /** By the gradient's signs, variables kept in [low, high]. */
    public Adam signedWithin(float least, float most) {
        return new Adam(label, rate, decayEvery, true, least, most);
    }

    @Override
    public Search start(float[] start) {
        return new AdamSearch(this, start);
    }

    @Override
    public long bytes(int variables) {
        return 4L * Float.BYTES * variables;
    }

    private static final class AdamSearch implements Search {
        private final Adam settings;
        private final float[] position;
        private final float[] mean;
        private final float[] square;
        private int iterations;

        AdamSearch(Adam settings, float[] start) {
            this.settings = settings;
            position = start.clone();
            mean = new float[start.length];
            square = new float[start.length];
        }

        @Override
        public float[] point() {
            return position;
        }

        @Override
        public int iterations() {
            return iterations;
        }

        @Override
        public @Nullable Ending tell(double loss, float[] gradient) {
            int decays = settings.decayEvery == 0 ? 0 : iterations / settings.decayEvery;
            iterations++;
            double rate = settings.rate * Math.pow(DECAY, decays) / (1 - Math.pow(FIRST, iterations));
            float correction = (float) (1 / (1 - Math.pow(SECOND, iterations)));
            for (int i = 0; i < position.length; i++) {
                float g = settings.signed ? Math.signum(gradient[i]) : gradient[i];
                mean[i] += (float) (1 - FIRST) * (g - mean[i]);
                square[i] += (float) (1 - SECOND) * (g * g - square[i]);
                float moved = position[i] - (float) (rate * mean[i] / (Math.sqrt(square[i] * correction) + EPSILON));
                position[i] = Math.min(settings.high, Math.max(settings.low, moved));
            }
            return null;
        }
    }
}
