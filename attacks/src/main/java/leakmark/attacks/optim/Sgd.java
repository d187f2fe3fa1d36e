package leakmark.attacks.optim;

import org.jspecify.annotations.Nullable;

/**
 * Gradient descent with momentum: {@code v = momentum·v + g}, {@code x -= rate·v}.
 *
 * @param label its name
 * @param rate learning rate
 * @param momentum 0 for none
 */
public record Sgd(String label, double rate, double momentum) implements Optimiser {
    /** Gradient descent. */
    public static Sgd of(double rate, double momentum) {
        return new Sgd("sgd", rate, momentum);
    }

    @Override
    public Search start(float[] start) {
        float[] position = start.clone();
        float[] velocity = new float[start.length];
        return new Search() {
            private int iterations;

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
                iterations++;
                Vectors.scale(velocity, momentum);
                Vectors.addScaled(velocity, 1, gradient);
                Vectors.addScaled(position, -rate, velocity);
                return null;
            }
        };
    }

    @Override
    public long bytes(int variables) {
        return 3L * Float.BYTES * variables;
    }
}
