package leakmark.attacks.defences;

import java.util.SortedMap;
import java.util.random.RandomGenerator;
import leakmark.attacks.model.Tensor;

/**
 * Independent noise on every entry, of standard deviation {@code σ‖g‖} with ‖g‖ over all shared parameters.
 *
 * @param kind its distribution
 * @param sigma σ
 */
record AdditiveNoise(Kind kind, double sigma) implements Defence {
    enum Kind {
        GAUSSIAN,
        LAPLACE
    }

    @Override
    public String label() {
        return (kind == Kind.GAUSSIAN ? "gaussian:" : "laplace:") + sigma;
    }

    @Override
    public SortedMap<String, Tensor> apply(SortedMap<String, Tensor> gradient, RandomGenerator random) {
        double deviation = sigma * Entries.norm(gradient);
        return Entries.mapped(gradient, values -> {
            float[] result = new float[values.length];
            for (int i = 0; i < values.length; i++) {
                result[i] = (float) (values[i] + deviation * draw(random));
            }
            return result;
        });
    }

    /** A deviate of variance 1; Laplace's is the difference of two exponential ones of variance 1/2 each. */
    private double draw(RandomGenerator random) {
        if (kind == Kind.GAUSSIAN) {
            return random.nextGaussian();
        }
        double up = random.nextExponential();
        double down = random.nextExponential();
        return (up - down) * Math.sqrt(0.5);
    }

    @Override
    public WireFormat wire(WireFormat before) {
        return WireFormat.plain((long) before.entries());
    }

    @Override
    public Trace trace() {
        return Trace.NOISE;
    }
}
