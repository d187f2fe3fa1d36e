package leakmark.attacks.defences;

import java.util.SortedMap;
import java.util.random.RandomGenerator;
import leakmark.attacks.model.Tensor;

/**
 * 8 bits an entry: whole multiples of {@code max|g|/127} of each tensor.
 *
 * @param stochastic true to round up with the probability of the rest, so that the mean is right; false to the nearest
 */
record Int8(boolean stochastic) implements Defence {
    private static final int LEVELS = 127;

    @Override
    public String label() {
        return stochastic ? "int8-stochastic" : "int8";
    }

    @Override
    public SortedMap<String, Tensor> apply(SortedMap<String, Tensor> gradient, RandomGenerator random) {
        return Entries.mapped(gradient, values -> {
            float largest = 0;
            for (float value : values) {
                largest = Math.max(largest, Math.abs(value));
            }
            double step = largest == 0 ? 1 : largest / (double) LEVELS;
            float[] result = new float[values.length];
            for (int i = 0; i < values.length; i++) {
                double level = values[i] / step;
                double whole = stochastic ? Math.floor(level + random.nextDouble()) : Math.rint(level);
                result[i] = (float) (Math.max(-LEVELS, Math.min(LEVELS, whole)) * step);
            }
            return result;
        });
    }

    @Override
    public WireFormat wire(WireFormat before) {
        return new WireFormat(before.entries(), before.sent(), Byte.SIZE, before.indexed());
    }

    @Override
    public Trace trace() {
        return Trace.NOISE;
    }
}
