package leakmark.attacks.dager;

import static leakmark.attacks.model.ParameterNames.attentionOutput;
import static leakmark.attacks.model.ParameterNames.queryKeyValue;

import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import leakmark.attacks.AttackException;
import leakmark.attacks.Reconstruction.Capacity;
import leakmark.attacks.SharedGradient;
import leakmark.attacks.model.Tensor;
import leakmark.kernels.DeviceMatrix;
import leakmark.kernels.KernelProvider;
import leakmark.kernels.Matrix;
import leakmark.kernels.RowSpace;

/**
 * The three row spaces the decoder attack tests against, cheapest test first.
 *
 * @param inputs inputs of layer 1's attention, with LayerNorm's β appended
 * @param attention inputs of layer 1's output projection: attention outputs before it
 * @param secondLayer inputs of layer 2's attention; may have no gap where strong attention leaves tokens without gradient
 */
record RowSpaces(RowSpace inputs, RowSpace attention, RowSpace secondLayer) implements AutoCloseable {
    /** Reads them off the shared gradient. Stacked query, key and value: the query alone misses first tokens. */
    static RowSpaces of(SharedGradient gradient, float[] shift, KernelProvider kernels) {
        Stream<Supplier<RowSpace>> factorisations = Stream.of(
                () -> space(gradient, queryKeyValue(0), kernels, shift),
                () -> space(gradient, attentionOutput(0), kernels),
                () -> space(gradient, queryKeyValue(1), kernels));
        // Side by side where that is possible: a factorisation alone is mostly one core's work.
        List<RowSpace> found = (kernels.isConcurrent() ? factorisations.parallel() : factorisations)
                .map(Supplier::get)
                .toList();
        RowSpace inputs = found.get(0);
        RowSpace attention = found.get(1);
        RowSpace secondLayer = found.get(2);
        RowSpaces spaces = new RowSpaces(inputs, attention, secondLayer);
        try {
            requireGap(inputs, "the inputs of layer 1", inputs.dimension());
            requireGap(attention, "the attention outputs of layer 1", inputs.rank());
        } catch (AttackException noGap) {
            spaces.close();
            throw noGap;
        }
        return spaces;
    }

    private static RowSpace space(SharedGradient gradient, String name, KernelProvider kernels, float[]... append) {
        Tensor g = gradient.get(name);
        try (DeviceMatrix uploaded = kernels.upload(new Matrix(g.rows(), g.columns(), g.data()))) {
            return kernels.spanProjection().rowSpace(uploaded, append);
        }
    }

    /**
     * A space that is full, or full but for a few directions, has no complement to test against: the last of d singular
     * values are far apart by chance, which is no gap (seen at 767 of 768 with 1,000 prefixes).
     */
    private static void requireGap(RowSpace space, String what, int inputRank) {
        int d = space.dimension();
        if (!space.decision().hasGap() || d - space.rank() < TokenFilter.SKETCH_COLUMNS) {
            throw new AttackException(
                    "no rank gap in " + what + ": signal runs into noise, with up to " + d + " of " + d
                            + " dimensions in use (input rank " + inputRank
                            + "); the gradient is noisy or quantised, or the batch"
                            + " has about as many distinct prefixes as the hidden size, or prefixes too alike for float32: use"
                            + " fewer or shorter sequences");
        }
    }

    /** How full the spaces are. */
    Capacity capacity() {
        return new Capacity(inputs.rank(), attention.rank(), inputs.dimension());
    }

    @Override
    public void close() {
        inputs.close();
        attention.close();
        secondLayer.close();
    }
}
