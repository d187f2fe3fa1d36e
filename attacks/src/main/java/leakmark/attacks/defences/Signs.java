package leakmark.attacks.defences;

import java.util.SortedMap;
import java.util.random.RandomGenerator;
import leakmark.attacks.model.Tensor;

/** One bit an entry: its sign, times the mean magnitude of its tensor (Bernstein et al. 2018, scaled). */
record Signs() implements Defence {
    @Override
    public String label() {
        return "sign";
    }

    @Override
    public SortedMap<String, Tensor> apply(SortedMap<String, Tensor> gradient, RandomGenerator random) {
        return Entries.mapped(gradient, values -> {
            double mean = 0;
            for (float value : values) {
                mean += Math.abs(value) / (double) values.length;
            }
            float[] result = new float[values.length];
            for (int i = 0; i < values.length; i++) {
                result[i] = (float) (Math.signum(values[i]) * mean);
            }
            return result;
        });
    }

    @Override
    public WireFormat wire(WireFormat before) {
        return new WireFormat(before.entries(), before.sent(), 1, before.indexed());
    }

    @Override
    public Trace trace() {
        return Trace.SIGNS;
    }
}
