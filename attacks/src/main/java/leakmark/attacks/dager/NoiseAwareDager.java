package leakmark.attacks.dager;

import static leakmark.attacks.model.ParameterNames.attentionOutput;
import static leakmark.attacks.model.ParameterNames.queryKeyValue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import leakmark.attacks.Attack;
import leakmark.attacks.AttackException;
import leakmark.attacks.Reconstruction;
import leakmark.attacks.Reconstruction.RecoveredSequence;
import leakmark.attacks.SharedGradient;
import leakmark.attacks.dager.PairPursuit.Pair;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.Tensor;
import leakmark.kernels.FirstLayer;
import leakmark.kernels.KernelProvider;
import org.jspecify.annotations.Nullable;

/**
 * DAGER for an attacker who knows that the gradient is noisy, rounded or sparse. Membership in a span becomes a likelihood:
 * what the noise leaves of the gradient's spectrum weighs each direction ({@link SignalSubspace}), tokens are found by what
 * they explain of layer 1's query, key and value ({@link PairPursuit}), and their order by what prefixes explain of that and
 * of the output projection ({@link SequencePursuit}). Entries
 * that were not sent are completed first ({@link LowRankCompletion}). The noise's strength is not given: the spectrum shows it.
 */
public final class NoiseAwareDager implements Attack {
    /** Longest sequence looked for: the dictionary holds P·V products. */
    private static final int POSITIONS = 64;
    /** Sequences looked for at most. */
    private static final int SEQUENCES = 64;

    private final KernelProvider kernels;
    private @Nullable NormalisedEmbeddings embeddings;
    private @Nullable PairPursuit dictionary;

    public NoiseAwareDager(KernelProvider kernels) {
        this.kernels = kernels;
    }

    @Override
    public Reconstruction reconstruct(PublicModel model, SharedGradient gradient) {
        long start = System.nanoTime();
        Map<String, Double> seconds = new LinkedHashMap<>();
        Whitened queryKeyValue = Whitened.of(completed(gradient.get(queryKeyValue(0))));
        Whitened output = Whitened.of(completed(gradient.get(attentionOutput(0))));
        SignalSubspace inputs = SignalSubspace.of(queryKeyValue.gradient());
        SignalSubspace attention = SignalSubspace.of(output.gradient());
        if (inputs.rank() == 0) {
            throw new AttackException("no direction of layer 1's gradient stands above its noise (edge " + inputs.edge()
                    + ", largest singular value " + inputs.values()[0] + "): nothing can be told apart");
        }
        long ranked = System.nanoTime();
        seconds.put("rank", (ranked - start) * 1e-9);
        prepare(model);
        NormalisedEmbeddings layer = java.util.Objects.requireNonNull(embeddings);
        List<Pair> pairs = dictionary(layer.layer(), queryKeyValue).pairs(inputs);
        long filtered = System.nanoTime();
        seconds.put("filter", (filtered - ranked) * 1e-9);
        int[] bag = pairs.stream().mapToInt(Pair::token).distinct().sorted().toArray();
        int positions = Math.min(
                Math.min(pairs.size() + 1, POSITIONS), model.configuration().positions());
        List<RecoveredSequence> sequences = bag.length == 0
                ? List.of()
                : sequences(queryKeyValue, output, inputs, attention, layer.layer(), bag, positions);
        seconds.put("search", (System.nanoTime() - filtered) * 1e-9);
        Map<String, Double> counters = new LinkedHashMap<>();
        counters.put("candidateTokens", (double) bag.length);
        counters.put("pairs", (double) pairs.size());
        counters.put("signalRank", (double) inputs.rank());
        counters.put("attentionRank", (double) attention.rank());
        counters.put("noise", inputs.noise());
        return new Reconstruction(
                sequences, seconds, null, Reconstruction.unplaced(bag, sequences), List.of(), counters);
    }

    /** Tokens as the gradient sees them: kept for gradients that see them as they are. */
    private synchronized PairPursuit dictionary(FirstLayer layer, Whitened seen) {
        PairPursuit kept = dictionary;
        if (!seen.isPlain()) {
            return new PairPursuit(layer, POSITIONS, seen);
        }
        if (kept == null) {
            kept = new PairPursuit(layer, POSITIONS, seen);
            dictionary = kept;
        }
        return kept;
    }

    private List<RecoveredSequence> sequences(
            Whitened queryKeyValue,
            Whitened output,
            SignalSubspace inputs,
            SignalSubspace attention,
            FirstLayer layer,
            int[] bag,
            int positions) {
        InputMixture mixture = InputMixture.of(
                layer, queryKeyValue, bag, Math.min(POSITIONS, layer.positions().rows()));
        return mixture != null && mixture.isOneSequence()
                ? List.of(new LoneSequence(layer, queryKeyValue, inputs).ordered(bag, mixture))
                : new SequencePursuit(layer, queryKeyValue, output, kernels)
                        .sequences(inputs, attention, bag, positions, SEQUENCES);
    }

    private static Tensor completed(Tensor gradient) {
        return LowRankCompletion.isSparse(gradient) ? LowRankCompletion.complete(gradient) : gradient;
    }

    private synchronized void prepare(PublicModel model) {
        NormalisedEmbeddings kept = embeddings;
        if (kept == null || !kept.model().equals(model)) {
            close();
            kept = new NormalisedEmbeddings(model, kernels);
            embeddings = kept;
            dictionary = null;
        }
    }

    @Override
    public synchronized void close() {
        NormalisedEmbeddings kept = embeddings;
        embeddings = null;
        dictionary = null;
        if (kept != null) {
            kept.close();
        }
    }
}
