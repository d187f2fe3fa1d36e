package leakmark.benchmarks.gpu;

import java.util.Map;
import leakmark.attacks.model.Architecture;
import leakmark.attacks.model.ModelConfiguration;
import leakmark.attacks.model.Presets;
import leakmark.kernels.Cost;
import leakmark.kernels.cuda.KernelCosts;
import leakmark.reports.result.Result;
import org.jspecify.annotations.Nullable;

/** Declared work of a whole decoder attack: the sum over its kernels, which are the same operations on every provider. */
public final class AttackCost {
    private static final String BENCHMARK = "DagerBenchmark.attack";

    /** Natural text of B × L tokens brings about this part of them as distinct candidates (measured: 321 of 604). */
    private static final double DISTINCT = 0.53;

    private static final int SKETCH_COLUMNS = 8;

    private AttackCost() {}

    /**
     * What an attack's kernels work on; null for another benchmark, the published algorithm, an encoder or a model that is
     * no preset.
     *
     * @param counters of the result: the ranks that the gradient had
     */
    static KernelCosts.@Nullable Shape shape(Result.Key key, Map<String, Double> counters) {
        ModelConfiguration model = configuration(key);
        int batchSize = size(key, "batchSize");
        int length = size(key, "sequenceLength");
        if (model == null || model.architecture() == Architecture.BERT || batchSize < 1 || length < 1) {
            return null;
        }
        double rank = counters.getOrDefault("inputRank", 0.0);
        double prefixes = counters.getOrDefault("distinctPrefixes", 0.0);
        if (!(rank >= 1) || !(prefixes >= 1)) {
            return null;
        }
        return new KernelCosts.Shape(
                model.vocabularySize(),
                model.hiddenSize(),
                model.heads(),
                SKETCH_COLUMNS,
                batchSize,
                (int) Math.max(batchSize, DISTINCT * batchSize * length),
                length,
                (int) rank,
                (int) prefixes);
    }

    /** The preset a cell attacks; null for another benchmark, the published algorithm, or a model that is no preset. */
    public static @Nullable ModelConfiguration configuration(Result.Key key) {
        String model = key.params().getOrDefault("model", "");
        return key.benchmark().equals(BENCHMARK)
                        && !key.variant().equals(Result.Key.PUBLISHED)
                        && Presets.names().contains(model)
                ? Presets.configuration(model)
                : null;
    }

    /** Sum of all kernels; null where {@link #shape} is. */
    public static Result.@Nullable Cost of(Result.Key key, Map<String, Double> counters) {
        KernelCosts.Shape shape = shape(key, counters);
        if (shape == null) {
            return null;
        }
        Cost sum = new Cost(0, 0);
        int launches = 0;
        for (KernelCosts.Work work : KernelCosts.attack(shape)) {
            sum = sum.plus(work.cost());
            launches += work.launches();
        }
        return new Result.Cost(sum.flops(), sum.bytes(), key.variant().equals("cuda") ? launches : null);
    }

    /** The three gradients that an attack reads, in float32: d × 3d, d × d, d × 3d. */
    static double gradientBytes(KernelCosts.Shape shape) {
        return 4.0 * 7 * shape.hiddenSize() * shape.hiddenSize();
    }

    private static int size(Result.Key key, String name) {
        String value = key.params().getOrDefault(name, "");
        return value.matches("\\d{1,9}") ? Integer.parseInt(value) : 0;
    }
}
