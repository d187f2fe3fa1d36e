package leakmark.attacks.encoder;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import leakmark.attacks.Attack;
import leakmark.attacks.AttackException;
import leakmark.attacks.GradientOracle;
import leakmark.attacks.Reconstruction;
import leakmark.attacks.Reconstruction.Capacity;
import leakmark.attacks.SharedGradient;
import leakmark.attacks.Task;
import leakmark.attacks.dager.NormalisedEmbeddings;
import leakmark.attacks.dager.TokenFilter;
import leakmark.attacks.dager.TokenFilter.Candidates;
import leakmark.attacks.encoder.TokenGradients.Side;
import leakmark.attacks.model.BertNames;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.Tensor;
import leakmark.kernels.KernelProvider;
import leakmark.kernels.Matrix;
import leakmark.kernels.RowSpace;
import org.jspecify.annotations.Nullable;

/**
 * A batch recovered from an encoder's gradient, sequence by sequence, in polynomial time.
 *
 * <p>The published attack (Petrov et al., NeurIPS 2024) tries combinations of tokens. Here the gradient of each token's own
 * query and key is solved for; which other tokens it is made of gives its sequence: see DESIGN.md, section 12.
 */
public final class EncoderAttack implements Attack {
    private final KernelProvider kernels;
    private final Supplier<GradientOracle> oracle;
    private @Nullable FirstLayer firstLayer;

    /**
     * @param kernels the kernels
     * @param oracle runs the model; asked for only where sequences share all their tokens with others
     */
    public EncoderAttack(KernelProvider kernels, Supplier<GradientOracle> oracle) {
        this.kernels = kernels;
        this.oracle = oracle;
    }

    @Override
    public Reconstruction reconstruct(PublicModel model, SharedGradient gradient) {
        Map<String, Double> seconds = new LinkedHashMap<>();
        long start = System.nanoTime();
        NormalisedEmbeddings embeddings = new NormalisedEmbeddings(model);
        RowSpace inputs = space(gradient, 0, embeddings.shift());
        requireRoom(inputs);
        RowSpace secondLayer = space(gradient, 1);
        start = lap(seconds, "rank", start);
        Candidates candidates = new TokenFilter(embeddings, model.configuration(), kernels).candidates(inputs);
        start = lap(seconds, "filter", start);
        TokenGradients gradients = new TokenGradients(
                embeddings,
                candidates,
                model.configuration().heads(),
                side(model, gradient, BertNames.query(0), BertNames.queryBias(0)),
                side(model, gradient, BertNames.key(0), BertNames.keyBias(0)));
        requireExplained(gradients);
        start = lap(seconds, "tokens", start);
        EncoderSearch search = new EncoderSearch(
                firstLayer(model),
                candidates.tokens(),
                secondLayer,
                kernels.spanProjection(),
                kernels.supportRecovery(),
                gradient.task() == Task.CLASSIFICATION,
                () -> new Peeling(model, embeddings, oracle.get(), candidates.tokens()));
        search.run(gradients);
        lap(seconds, "search", start);
        return new Reconstruction(
                search.sequences(),
                seconds,
                new Capacity(
                        inputs.rank(),
                        secondLayer.decision().hasGap() ? secondLayer.rank() : inputs.dimension(),
                        inputs.dimension()),
                search.counters());
    }

    private static long lap(Map<String, Double> seconds, String stage, long since) {
        long now = System.nanoTime();
        seconds.put(stage, (now - since) * 1e-9);
        return now;
    }

    /** Span of the inputs of a layer's attention: query, key and value gradients side by side. */
    private RowSpace space(SharedGradient gradient, int layer, float[]... append) {
        Tensor[] parts = {
            gradient.get(BertNames.query(layer)),
            gradient.get(BertNames.key(layer)),
            gradient.get(BertNames.value(layer))
        };
        int d = parts[0].rows();
        float[] stacked = new float[parts.length * d * d];
        for (int row = 0; row < d; row++) {
            for (int p = 0; p < parts.length; p++) {
                System.arraycopy(parts[p].data(), row * d, stacked, (row * parts.length + p) * d, d);
            }
        }
        return kernels.spanProjection().rowSpace(kernels.upload(new Matrix(d, parts.length * d, stacked)), append);
    }

    private static Side side(PublicModel model, SharedGradient gradient, String weight, String bias) {
        return new Side(
                gradient.get(weight).data(),
                model.weight(weight).data(),
                model.weight(bias).data());
    }

    private static void requireRoom(RowSpace inputs) {
        int d = inputs.dimension();
        if (!inputs.decision().hasGap() || inputs.rank() >= d) {
            throw new AttackException("no rank gap in the inputs of layer 1: signal runs into noise, with up to " + d
                    + " of " + d + " dimensions in use; the gradient is noisy or quantised, or the batch has about as"
                    + " many distinct tokens and positions as the hidden size: use fewer or shorter sequences");
        }
    }

    private static void requireExplained(TokenGradients gradients) {
        if (!(gradients.residual() <= EXPLAINED)) {
            throw new AttackException(String.format(
                    java.util.Locale.ROOT,
                    "%d tokens at %d positions pass the filter, but they explain the query and key gradients only to %.1e"
                            + " (float32 leaves 1e-6): the gradient is noisy or quantised, or of another model",
                    gradients.tokens(),
                    gradients.positions(),
                    gradients.residual()));
        }
    }

    /** Rest of the query and key gradients that rounding explains; a missed token leaves 1e-2. */
    private static final double EXPLAINED = 1e-4;

    /** Weights of the first layer, widened once for all attacks on a model. */
    private synchronized FirstLayer firstLayer(PublicModel model) {
        FirstLayer layer = firstLayer;
        if (layer == null || !layer.model().equals(model)) {
            layer = new FirstLayer(model);
            firstLayer = layer;
        }
        return layer;
    }
}
