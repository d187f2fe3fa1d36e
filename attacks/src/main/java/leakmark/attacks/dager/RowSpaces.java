package leakmark.attacks.dager;

import static leakmark.attacks.model.ParameterNames.attentionOutput;
import static leakmark.attacks.model.ParameterNames.queryKeyValue;

import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import leakmark.attacks.AttackException;
import leakmark.attacks.Reconstruction.Capacity;
import leakmark.attacks.SharedGradient;
import leakmark.attacks.model.Tensor;
import leakmark.kernels.DeviceMatrix;
import leakmark.kernels.KernelProvider;
import leakmark.kernels.Matrix;
import leakmark.kernels.RowSpace;
import org.jspecify.annotations.Nullable;

/**
 * The three row spaces the decoder attack tests against, cheapest test first.
 *
 * @param inputs inputs of layer 1's attention, with LayerNorm's β appended
 * @param attention inputs of layer 1's output projection: attention outputs before it
 * @param prefixes signal directions of {@code attention}; a blurred space keeps some more
 * @param secondLayer inputs of layer 2's attention; may have no gap where strong attention leaves tokens without gradient;
 *     null if that gradient was not shared
 */
record RowSpaces(
        RowSpace inputs,
        RowSpace attention,
        int prefixes,
        @Nullable RowSpace secondLayer) implements AutoCloseable {
    /**
     * Reads them off the shared gradient. Stacked query, key and value: the query alone misses first tokens.
     *
     * @param blurred true for a gradient that is one up to small errors, such as an update of several local steps; needs a
     *     provider on the heap
     */
    static RowSpaces of(SharedGradient gradient, float[] shift, KernelProvider kernels, boolean blurred) {
        boolean hasSecond = gradient.has(queryKeyValue(1));
        if (blurred) {
            BlurredRowSpace attention = BlurredRowSpace.of(gradient.get(attentionOutput(0)));
            return new RowSpaces(
                    BlurredRowSpace.of(gradient.get(queryKeyValue(0)), shift).space(),
                    attention.space(),
                    attention.edge(),
                    hasSecond ? BlurredRowSpace.of(gradient.get(queryKeyValue(1)), attention.edge()) : null);
        }
        List<Supplier<@Nullable RowSpace>> factorisations = List.of(
                () -> space(gradient, queryKeyValue(0), kernels, shift),
                () -> space(gradient, attentionOutput(0), kernels),
                () -> hasSecond ? space(gradient, queryKeyValue(1), kernels) : null);
        @Nullable RowSpace[] found = new @Nullable RowSpace[factorisations.size()];
        IntStream all = IntStream.range(0, found.length);
        try {
            // Side by side where that is possible: a factorisation alone is mostly one core's work.
            (kernels.isConcurrent() ? all.parallel() : all)
                    .forEach(i -> found[i] = factorisations.get(i).get());
            RowSpace attention = Objects.requireNonNull(found[1]);
            return new RowSpaces(Objects.requireNonNull(found[0]), attention, attention.rank(), found[2]);
        } catch (RuntimeException | Error failure) {
            for (RowSpace space : found) {
                if (space != null) {
                    space.close();
                }
            }
            throw failure;
        }
    }

    /** True if layer 1's inputs show their span, and its attention outputs fill their space: too many prefixes. */
    boolean beyondCapacity() {
        return hasGap(inputs) && !hasGap(attention);
    }

    /** @throws AttackException if a span has no gap, with the reason */
    void requireGaps() {
        requireGap(inputs, "the inputs of layer 1", inputs.dimension());
        requireGap(attention, "the attention outputs of layer 1", inputs.rank());
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
    private static boolean hasGap(RowSpace space) {
        return space.decision().hasGap() && space.dimension() - space.rank() >= TokenFilter.SKETCH_COLUMNS;
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
        return new Capacity(inputs.rank(), prefixes, inputs.dimension());
    }

    @Override
    public void close() {
        inputs.close();
        attention.close();
        if (secondLayer != null) {
            secondLayer.close();
        }
    }
}
