package leakmark.attacks.encoder;

import java.util.LinkedHashMap;
import java.util.Locale;
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
import leakmark.attacks.dager.ResidentEmbeddings;
import leakmark.attacks.dager.TokenFilter;
import leakmark.attacks.dager.TokenFilter.Candidates;
import leakmark.attacks.model.Architecture;
import leakmark.attacks.model.PublicModel;
import leakmark.kernels.DeviceMatrix;
import leakmark.kernels.KernelProvider;
import leakmark.kernels.Matrix;
import leakmark.kernels.RowSpace;
import org.jspecify.annotations.Nullable;

/**
 * A batch recovered sequence by sequence, in polynomial time: from encoders, and from decoders whose batch has more
 * distinct prefixes than hidden dimensions.
 *
 * <p>The published attack on encoders (Petrov et al., NeurIPS 2024) tries combinations of tokens. Here the gradient of each
 * token's own query and key is solved for; which other tokens it is made of gives its sequence. A causal query sees earlier
 * tokens and its key later ones: together the sequence again. See DESIGN.md, section 11.
 */
public final class EncoderAttack implements Attack {
    /** Rest of the query and key gradients that rounding explains; a missed token leaves 1e-2. */
    private static final double EXPLAINED = 1e-4;

    private final KernelProvider kernels;
    private final Supplier<GradientOracle> oracle;
    private final ResidentEmbeddings embeddings;
    private @Nullable BertFirstLayer firstLayer;

    /**
     * @param kernels the kernels
     * @param oracle runs the model; asked for only where sequences share all their tokens with others, or layer 2 cannot
     *     verify
     */
    public EncoderAttack(KernelProvider kernels, Supplier<GradientOracle> oracle) {
        this.kernels = kernels;
        this.oracle = oracle;
        this.embeddings = new ResidentEmbeddings(kernels);
    }

    @Override
    public Reconstruction reconstruct(PublicModel model, SharedGradient gradient) {
        Map<String, Double> seconds = new LinkedHashMap<>();
        long start = System.nanoTime();
        NormalisedEmbeddings layer1 = embeddings.of(model);
        try (RowSpace inputs = space(AttentionGradients.stacked(model, gradient, 0), layer1.shift());
                SecondLayer secondLayer = secondLayer(model, gradient)) {
            requireRoom(inputs);
            start = lap(seconds, "rank", start);
            Candidates candidates = new TokenFilter(layer1, model.configuration(), kernels).candidates(inputs);
            start = lap(seconds, "filter", start);
            TokenGradients gradients = new TokenGradients(
                    layer1,
                    candidates,
                    model.configuration().heads(),
                    AttentionGradients.query(model, gradient),
                    AttentionGradients.key(model, gradient));
            requireExplained(gradients);
            start = lap(seconds, "tokens", start);
            EncoderSearch search = new EncoderSearch(
                    layer1,
                    candidates.tokens(),
                    secondLayer,
                    kernels.supportRecovery(),
                    gradient.task() == Task.CLASSIFICATION
                            ? () -> new Peeling(model, layer1, oracle.get(), candidates.tokens())
                            : null);
            search.run(gradients);
            lap(seconds, "search", start);
            int d = inputs.dimension();
            return new Reconstruction(
                    search.sequences(),
                    seconds,
                    new Capacity(inputs.rank(), secondLayer.rank() < 0 ? d : secondLayer.rank(), d),
                    search.unplaced(),
                    search.limits(gradients),
                    search.counters());
        }
    }

    @Override
    public void close() {
        embeddings.close();
    }

    private static long lap(Map<String, Double> seconds, String stage, long since) {
        long now = System.nanoTime();
        seconds.put(stage, (now - since) * 1e-9);
        return now;
    }

    /** By a sample of the columns, and where that shows no gap by all singular values. */
    private RowSpace space(Matrix gradient, float[]... append) {
        try (DeviceMatrix uploaded = kernels.upload(gradient)) {
            RowSpace space = kernels.spanProjection().rowSpace(uploaded, append);
            if (space.decision().hasGap()) {
                return space;
            }
            space.close();
            return FullDecomposition.of(gradient, append);
        }
    }

    private SecondLayer secondLayer(PublicModel model, SharedGradient gradient) {
        if (model.configuration().architecture() != Architecture.BERT) {
            return SecondLayer.without(kernels.spanProjection());
        }
        RowSpace space = space(AttentionGradients.stacked(model, gradient, 1));
        if (!roomy(space)) {
            // A gap behind nearly all dimensions comes by chance beyond capacity; its span holds anything.
            space.close();
            return SecondLayer.without(kernels.spanProjection());
        }
        return SecondLayer.of(firstLayer(model), space, kernels.spanProjection());
    }

    /** Whether the space has a gap, and directions left that can tell what is not in it. */
    private static boolean roomy(RowSpace space) {
        return space.decision().hasGap() && space.dimension() - space.rank() >= TokenFilter.SKETCH_COLUMNS;
    }

    private static void requireRoom(RowSpace inputs) {
        int d = inputs.dimension();
        if (!roomy(inputs)) {
            throw new AttackException("no rank gap in the inputs of layer 1: signal runs into noise, with up to " + d
                    + " of " + d + " dimensions in use; the gradient is noisy or quantised, or the batch has about as"
                    + " many distinct tokens and positions as the hidden size: use fewer or shorter sequences");
        }
    }

    private static void requireExplained(TokenGradients gradients) {
        if (!(gradients.residual() <= EXPLAINED)) {
            throw new AttackException(String.format(
                    Locale.ROOT,
                    "%d tokens at %d positions pass the filter, but they explain the query and key gradients only to %.1e"
                            + " (float32 leaves 1e-6): the gradient is noisy or quantised, or of another model",
                    gradients.tokens(),
                    gradients.positions(),
                    gradients.residual()));
        }
    }

    /** Weights of the first layer, widened once for all attacks on a model. */
    private synchronized BertFirstLayer firstLayer(PublicModel model) {
        BertFirstLayer layer = firstLayer;
        if (layer == null || !layer.model().equals(model)) {
            layer = new BertFirstLayer(model);
            firstLayer = layer;
        }
        return layer;
    }
}
