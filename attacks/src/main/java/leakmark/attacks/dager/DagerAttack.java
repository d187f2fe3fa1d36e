package leakmark.attacks.dager;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import leakmark.attacks.Attack;
import leakmark.attacks.AttackException;
import leakmark.attacks.Reconstruction;
import leakmark.attacks.Reconstruction.RecoveredSequence;
import leakmark.attacks.SharedGradient;
import leakmark.attacks.dager.DecoderSearch.Found;
import leakmark.attacks.dager.TokenFilter.Candidates;
import leakmark.attacks.model.PublicModel;
import leakmark.kernels.KernelProvider;
import leakmark.kernels.RowSpace;
import org.jspecify.annotations.Nullable;

/**
 * DAGER for decoders (Petrov et al., NeurIPS 2024, arXiv 2405.15586): a batch of text recovered exactly from one gradient.
 *
 * <p>The span of a linear layer's inputs can be read off its weight gradient. Tokens whose layer-1 input lies in that span
 * are candidates; sequences are grown from them as long as layer 1's attention output, and at the end layer 2's input,
 * lie in theirs. What differs from the published code is how little is computed for it: see DESIGN.md.
 */
public final class DagerAttack implements Attack {
    private final KernelProvider kernels;
    private final @Nullable Attack beyond;
    private final double movement;
    private final boolean blurred;
    private final ResidentEmbeddings embeddings;
    private @Nullable FirstBlock firstBlock;

    /** An attack on one gradient. */
    public DagerAttack(KernelProvider kernels) {
        this(kernels, null, 0, false);
    }

    /**
     * An attack on one gradient that knows where to turn.
     *
     * @param beyond takes over where the batch has more distinct prefixes than the model hidden dimensions, and is closed with
     *     this; null if such a batch is to be refused
     */
    public DagerAttack(KernelProvider kernels, @Nullable Attack beyond) {
        this(kernels, beyond, 0, false);
    }

    private DagerAttack(KernelProvider kernels, @Nullable Attack beyond, double movement, boolean blurred) {
        this.kernels = kernels;
        this.beyond = beyond;
        this.movement = movement;
        this.blurred = blurred;
        this.embeddings = new ResidentEmbeddings(kernels);
    }

    /**
     * An attack on updates of several local steps, such as federated averaging's.
     *
     * @param movement how far the weights went for each unit of the update: steps times learning rate, or 1 where the update
     *     is the difference of the weights itself
     */
    public static DagerAttack onUpdates(KernelProvider kernels, double movement) {
        if (!(movement > 0 && movement < Double.POSITIVE_INFINITY)) {
            throw new AttackException(
                    "an update of unknown steps: steps times learning rate is positive, not " + movement);
        }
        return new DagerAttack(kernels, null, movement, true);
    }

    /** An attack on gradients that are known up to small errors, such as those solved for from rounded sums. */
    public static DagerAttack onBlurred(KernelProvider kernels) {
        return new DagerAttack(kernels, null, 0, true);
    }

    @Override
    public Reconstruction reconstruct(PublicModel before, SharedGradient gradient) {
        Stopwatch time = new Stopwatch();
        PublicModel model = movement > 0 ? MidpointModel.of(before, gradient, movement) : before;
        NormalisedEmbeddings layer1 = embeddings.of(model);
        try (RowSpaces spaces = RowSpaces.of(gradient, layer1.shift(), kernels, blurred)) {
            if (beyond != null && spaces.beyondCapacity()) {
                return beyond.reconstruct(before, gradient);
            }
            spaces.requireGaps();
            time.lap("rank");
            Candidates candidates = new TokenFilter(layer1, model.configuration(), kernels).candidates(spaces.inputs());
            time.lap("filter");
            Found found = new DecoderSearch(layer1.layer(), kernels).sequences(candidates, spaces.attention());
            time.lap("search");
            RowSpace second = spaces.secondLayer();
            List<RecoveredSequence> members =
                    second != null && second.decision().hasGap() ? members(found, second, model) : found.sequences();
            time.lap("check");
            return new Reconstruction(
                    members,
                    time.seconds(),
                    spaces.capacity(),
                    Map.of(
                            "candidateTokens", (double) candidates.tokens().length,
                            "candidates", (double) candidates.count(),
                            "pairs", (double) found.pairs(),
                            "rejectedAtLayer2", (double) (found.sequences().size() - members.size())));
        }
    }

    /**
     * The exact check of whole sequences in float64: the last token's layer-2 input, which attends to all of its sequence,
     * lies in the span of layer 2's gradient. Earlier tokens are not asked: under strong attention some have a layer-2
     * gradient below float32's noise, and the span misses them (measured at weight std 0.1), but the loss always reaches
     * the last.
     */
    private List<RecoveredSequence> members(Found found, RowSpace secondLayer, PublicModel model) {
        List<RecoveredSequence> sequences = found.sequences();
        int d = model.configuration().hiddenSize();
        double[] outputs = new double[sequences.size() * d];
        int[] tokens = new int[sequences.size()];
        int[] positions = new int[sequences.size()];
        for (int s = 0; s < sequences.size(); s++) {
            RecoveredSequence sequence = sequences.get(s);
            System.arraycopy(found.lastOutputs().get(s), 0, outputs, s * d, d);
            tokens[s] = sequence.tokens()[sequence.tokens().length - 1];
            positions[s] = sequence.offset() + sequence.tokens().length - 1;
        }
        boolean[] inSpan = Membership.test(
                firstBlock(model).secondLayerInputs(outputs, tokens, positions),
                secondLayer,
                Separation.ofWrongTokensAtLayer2(secondLayer),
                kernels.spanProjection());
        List<RecoveredSequence> members = new ArrayList<>();
        for (int s = 0; s < inSpan.length; s++) {
            if (inSpan[s]) {
                members.add(sequences.get(s));
            }
        }
        return members;
    }

    /** Weights of the first block, widened once for all attacks on a model. */
    private synchronized FirstBlock firstBlock(PublicModel model) {
        FirstBlock block = firstBlock;
        if (block == null || !block.model().equals(model)) {
            block = new FirstBlock(model);
            firstBlock = block;
        }
        return block;
    }

    /** Gives back the weights kept on the provider's device. */
    @Override
    public void close() {
        embeddings.close();
        if (beyond != null) {
            beyond.close();
        }
    }

    /** Wall time by stage. */
    private static final class Stopwatch {
        private final Map<String, Double> seconds = new LinkedHashMap<>();
        private long last = System.nanoTime();

        void lap(String stage) {
            long now = System.nanoTime();
            seconds.put(stage, (now - last) * 1e-9);
            last = now;
        }

        Map<String, Double> seconds() {
            return seconds;
        }
    }
}
