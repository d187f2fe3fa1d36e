package leakmark.attacks.dager;

import static leakmark.attacks.model.ParameterNames.attentionOutput;
import static leakmark.attacks.model.ParameterNames.queryKeyValue;

import leakmark.attacks.AttackException;
import leakmark.attacks.Reconstruction.Capacity;
import leakmark.attacks.SharedGradient;
import leakmark.attacks.model.Tensor;
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
record RowSpaces(RowSpace inputs, RowSpace attention, RowSpace secondLayer) {
    /** Reads them off the shared gradient. Stacked query, key and value: the query alone misses first tokens. */
    static RowSpaces of(SharedGradient gradient, float[] shift, KernelProvider kernels) {
        RowSpace inputs = space(gradient, queryKeyValue(0), kernels, shift);
        RowSpace attention = space(gradient, attentionOutput(0), kernels);
        RowSpace secondLayer = space(gradient, queryKeyValue(1), kernels);
        return new RowSpaces(inputs, attention, secondLayer);
    }

    /** True if layer 1's inputs show their span, and its attention outputs fill their space: too many prefixes. */
    boolean beyondCapacity() {
        // A gap that leaves less than a sketch of the complement is one of rounding.
        return hasGap(inputs)
                && (!hasGap(attention) || attention.rank() > attention.dimension() - TokenFilter.SKETCH_COLUMNS);
    }

    /** @throws AttackException if a span has no gap, with the reason */
    void requireGaps() {
        requireGap(inputs, "the inputs of layer 1", inputs.dimension());
        requireGap(attention, "the attention outputs of layer 1", inputs.rank());
    }

    /** A space that appended directions filled up has no complement left to test against. */
    private static boolean hasGap(RowSpace space) {
        return space.decision().hasGap() && space.rank() < space.dimension();
    }

    private static RowSpace space(SharedGradient gradient, String name, KernelProvider kernels, float[]... append) {
        Tensor g = gradient.get(name);
        return kernels.spanProjection().rowSpace(kernels.upload(new Matrix(g.rows(), g.columns(), g.data())), append);
    }

    private static void requireGap(RowSpace space, String what, int inputRank) {
        int d = space.dimension();
        if (!hasGap(space)) {
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
}
