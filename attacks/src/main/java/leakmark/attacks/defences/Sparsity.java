package leakmark.attacks.defences;

import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import leakmark.attacks.model.Tensor;

/**
 * Sends some entries only.
 *
 * @param kind which
 * @param part what the specification says: the part removed for {@link Kind#PRUNE}, else the part that stays
 */
record Sparsity(Kind kind, double part) implements Defence {
    enum Kind {
        /** The largest of each parameter. */
        PRUNE,
        /** The largest of all parameters together. */
        TOP_K,
        /** Random ones; the mask is a seed. */
        MASK
    }

    @Override
    public String label() {
        return switch (kind) {
            case PRUNE -> "prune:" + part;
            case TOP_K -> "top-k:" + part;
            case MASK -> "mask:" + part;
        };
    }

    private double kept() {
        return kind == Kind.PRUNE ? 1 - part : part;
    }

    @Override
    public SortedMap<String, Tensor> apply(SortedMap<String, Tensor> gradient, RandomGenerator random) {
        return switch (kind) {
            case TOP_K -> Entries.largest(gradient, number(Entries.count(gradient)));
            case PRUNE -> {
                SortedMap<String, Tensor> result = new TreeMap<>();
                gradient.forEach((name, tensor) -> result.putAll(
                        Entries.largest(new TreeMap<>(java.util.Map.of(name, tensor)), number(tensor.data().length))));
                yield result;
            }
            case MASK ->
                Entries.mapped(gradient, values -> {
                    float[] result = new float[values.length];
                    for (int i = 0; i < values.length; i++) {
                        result[i] = random.nextDouble() < kept() ? values[i] : 0;
                    }
                    return result;
                });
        };
    }

    /** At least one entry is sent. */
    private long number(long entries) {
        return Math.max(1, Math.round(kept() * entries));
    }

    @Override
    public WireFormat wire(WireFormat before) {
        return new WireFormat(
                before.entries(), kept() * before.sent(), before.bits(), before.indexed() || kind != Kind.MASK);
    }

    @Override
    public Trace trace() {
        return Trace.SPARSE;
    }
}
