package leakmark.attacks.dager;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import leakmark.attacks.Attack;
import leakmark.attacks.Reconstruction;
import leakmark.attacks.Reconstruction.RecoveredSequence;
import leakmark.attacks.SharedGradient;
import leakmark.attacks.dager.DecoderSearch.Found;
import leakmark.attacks.dager.TokenFilter.Candidates;
import leakmark.attacks.model.PublicModel;
import leakmark.kernels.KernelProvider;
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
    private @Nullable FirstBlock firstBlock;

    public DagerAttack(KernelProvider kernels) {
        this.kernels = kernels;
    }

    @Override
    public Reconstruction reconstruct(PublicModel model, SharedGradient gradient) {
        Stopwatch time = new Stopwatch();
        NormalisedEmbeddings embeddings = new NormalisedEmbeddings(model);
        RowSpaces spaces = RowSpaces.of(gradient, embeddings.shift(), kernels);
        time.lap("rank");
        Candidates candidates = new TokenFilter(embeddings, model.configuration(), kernels).candidates(spaces.inputs());
        time.lap("filter");
        Found found = new DecoderSearch(model, embeddings, kernels).sequences(candidates, spaces.attention());
        time.lap("search");
        List<RecoveredSequence> members = members(found.sequences(), spaces, model);
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

    /** The exact check of whole sequences: every token's layer-2 input lies in the span of layer 2's gradient. */
    private List<RecoveredSequence> members(List<RecoveredSequence> sequences, RowSpaces spaces, PublicModel model) {
        double[] inputs = firstBlock(model).secondLayerInputs(sequences);
        boolean[] inSpan = Membership.test(
                inputs,
                spaces.secondLayer(),
                Separation.ofWrongTokensAtLayer2(spaces.secondLayer()),
                kernels.spanProjection());
        List<RecoveredSequence> members = new ArrayList<>();
        int token = 0;
        for (RecoveredSequence sequence : sequences) {
            boolean all = true;
            for (int j = 0; j < sequence.tokens().length; j++) {
                all &= inSpan[token++];
            }
            if (all) {
                members.add(sequence);
            }
        }
        return members;
    }

    /** Weights of the first block, widened once for all attacks on a model. */
    private synchronized FirstBlock firstBlock(PublicModel model) {
        FirstBlock block = firstBlock;
        if (block == null || block.model() != model) {
            block = new FirstBlock(model);
            firstBlock = block;
        }
        return block;
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
