package leakmark.attacks.defences;

import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import leakmark.attacks.model.Tensor;

/**
 * Deep gradient compression (Lin et al., ICLR 2018): what is not sent is kept and added to the next rounds, with momentum
 * correction, momentum factor masking, and a warm-up in which the part sent falls from 25 % by a factor of 4 a round.
 * Holds one client's residual; a new client needs a new one.
 *
 * <p>{@code u ← m u + g, v ← v + u}; the largest entries of v are sent, and there u and v become 0.
 */
final class DeepGradientCompression implements Defence {
    private static final double MOMENTUM = 0.9;
    private static final double FIRST_KEPT = 0.25;
    private static final double WARM_UP = 4;

    private final double kept;
    private SortedMap<String, Tensor> velocity = new TreeMap<>();
    private SortedMap<String, Tensor> residual = new TreeMap<>();
    private double current;

    DeepGradientCompression(double kept) {
        this.kept = kept;
        this.current = Math.max(kept, FIRST_KEPT);
    }

    @Override
    public String label() {
        return "dgc:" + kept;
    }

    @Override
    public synchronized SortedMap<String, Tensor> apply(SortedMap<String, Tensor> gradient, RandomGenerator random) {
        velocity = combined(velocity, MOMENTUM, gradient);
        residual = combined(residual, 1, velocity);
        long number = Math.max(1, Math.round(current * Entries.count(gradient)));
        current = Math.max(kept, current / WARM_UP);
        SortedMap<String, Tensor> sent = Entries.largest(residual, number);
        velocity = without(velocity, sent);
        residual = without(residual, sent);
        return sent;
    }

    private static SortedMap<String, Tensor> combined(
            SortedMap<String, Tensor> kept, double factor, SortedMap<String, Tensor> added) {
        SortedMap<String, Tensor> sums = new TreeMap<>();
        added.forEach((name, tensor) -> {
            float[] sum = tensor.data().clone();
            Tensor old = kept.get(name);
            for (int i = 0; old != null && i < sum.length; i++) {
                sum[i] += (float) (factor * old.data()[i]);
            }
            sums.put(name, new Tensor(tensor.shape(), sum));
        });
        return sums;
    }

    private static SortedMap<String, Tensor> without(SortedMap<String, Tensor> all, SortedMap<String, Tensor> sent) {
        SortedMap<String, Tensor> rest = new TreeMap<>();
        sent.forEach((name, gone) -> {
            float[] values = new float[gone.data().length];
            Tensor tensor = all.get(name);
            for (int i = 0; tensor != null && i < values.length; i++) {
                values[i] = gone.data()[i] == 0 ? tensor.data()[i] : 0;
            }
            rest.put(name, new Tensor(gone.shape(), values));
        });
        return rest;
    }

    @Override
    public WireFormat wire(WireFormat before) {
        return new WireFormat(before.entries(), current * before.sent(), before.bits(), true);
    }

    @Override
    public Trace trace() {
        return Trace.SPARSE;
    }
}
