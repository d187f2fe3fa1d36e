package leakmark.attacks.published;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import leakmark.attacks.Attack;
import leakmark.attacks.AttackException;
import leakmark.attacks.Reconstruction;
import leakmark.attacks.Reconstruction.Capacity;
import leakmark.attacks.Reconstruction.RecoveredSequence;
import leakmark.attacks.SharedGradient;
import leakmark.attacks.model.ModelConfiguration;
import leakmark.attacks.model.ParameterNames;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.Tensor;

/**
 * DAGER for decoders as it was published (Petrov et al., NeurIPS 2024), on PyTorch: the baseline.
 *
 * <ol>
 *   <li>Span: orthonormal bases R₁, R₂ (d × r) of the column spaces of the stacked query-key-value gradients of layers
 *       1 and 2, by SVD.
 *   <li>Filter: at every position all V tokens; those whose layer-1 input x has ‖x − R₁R₁ᵀx‖ / ‖x‖ &lt; τ₁ are
 *       candidates. Positions end where no token passes.
 *   <li>Search: every candidate extends every prefix; the whole extended prefix runs through block 1 without a
 *       key/value cache, and it stays if all its layer-2 inputs are within τ₂ of R₂. A prefix that nothing extends is a
 *       sequence.
 * </ol>
 *
 * <p>Where the published code does more, the cheaper is taken: the ranks are those of layers 1 and 2 (the code
 * decomposes up to ten layers and takes the largest), position 0 is tested at layer 2 before it is extended, and there
 * are no extra prefixes for approximate answers. As in the published code, a sequence that begins a longer one of the
 * batch is not found apart, nor is a last token that the loss does not reach.
 *
 * <p>Sequences start at position 0 (padding on the right). One instance serves one thread.
 */
public final class PublishedDager implements Attack {
    /** Block 1 and layer 2's LayerNorm, in the order the program takes them. */
    private static final List<String> PARAMETERS = List.of(
            ParameterNames.TOKEN_EMBEDDING,
            ParameterNames.POSITION_EMBEDDING,
            ParameterNames.attentionNormScale(0),
            ParameterNames.attentionNormShift(0),
            ParameterNames.queryKeyValue(0),
            ParameterNames.queryKeyValueBias(0),
            ParameterNames.attentionOutput(0),
            ParameterNames.attentionOutputBias(0),
            ParameterNames.mlpNormScale(0),
            ParameterNames.mlpNormShift(0),
            ParameterNames.mlpInput(0),
            ParameterNames.mlpInputBias(0),
            ParameterNames.mlpOutput(0),
            ParameterNames.mlpOutputBias(0),
            ParameterNames.attentionNormScale(1),
            ParameterNames.attentionNormShift(1));

    private final Settings settings;
    private final TorchProgram program = new TorchProgram(GradientSpan.RESOURCE, "dager.torchscript");
    private final UploadedModel uploaded = new UploadedModel(program, PARAMETERS);

    /** Finished sequences and what finding them took. */
    private record Found(List<RecoveredSequence> sequences, long pairs, boolean limitReached) {}

    /**
     * What the published tool has its users set.
     *
     * @param rankTolerance singular values above this times the largest count. The published tool takes an absolute
     *     value (1e-7 to 1e-9), tuned by hand for each batch size
     * @param rankCutoff the rank is at most d − rankCutoff
     * @param tokenThreshold τ₁
     * @param prefixThreshold τ₂
     * @param parallel sequences in one run of block 1; 64 was the fastest of 16 to 1000 on two cores
     * @param maxCandidates most pairs of prefix and token in one attack; the search stops at the position that would
     *     exceed it
     */
    public record Settings(
            double rankTolerance,
            int rankCutoff,
            double tokenThreshold,
            double prefixThreshold,
            int parallel,
            long maxCandidates) {
        /**
         * The paper's values, but for two that float32 gradients need. Rank: their noise was at most 4.5e-7 of the
         * largest singular value, their signal at least 3e-6 (699 distinct prefixes, d = 768); one noise direction too
         * many costs little, one signal direction too few costs sequences. τ₁: true inputs were within 1.1e-5, just
         * over the paper's 1e-5, and false ones beyond 0.3.
         */
        public static Settings defaults() {
            return new Settings(1e-6, 20, 1e-4, 1e-3, 64, 10_000_000);
        }
    }

    /** An attack with the default settings. */
    public PublishedDager() {
        this(Settings.defaults());
    }

    /** An attack with settings tuned by its user. */
    public PublishedDager(Settings settings) {
        this.settings = settings;
    }

    /**
     * Copies the model to libtorch, once: no stage's time has it.
     *
     * @throws AttackException if the model has fewer than two layers or is too narrow for the rank cut-off
     */
    public void prepare(PublicModel model) {
        parameters(model);
    }

    @Override
    public Reconstruction reconstruct(PublicModel model, SharedGradient gradient) {
        PtNDArray[] parameters = parameters(model);
        Map<String, Double> seconds = new LinkedHashMap<>();
        Map<String, Double> counters = new LinkedHashMap<>();
        try (PtNDManager manager = program.newManager()) {
            long start = System.nanoTime();
            GradientSpan first = span(manager, model, gradient, 0);
            GradientSpan second = span(manager, model, gradient, 1);
            start = stop(seconds, "rank", start);

            List<int[]> candidates = candidates(model.configuration(), parameters, first);
            start = stop(seconds, "filter", start);

            Found found = search(model.configuration(), parameters, second, candidates);
            stop(seconds, "search", start);

            counters.put("positions", (double) candidates.size());
            counters.put(
                    "candidates", candidates.stream().mapToDouble(c -> c.length).sum());
            counters.put("pairs", (double) found.pairs());
            counters.put("limitReached", found.limitReached() ? 1.0 : 0.0);
            Capacity capacity = new Capacity(
                    first.rank(), second.rank(), model.configuration().hiddenSize());
            return new Reconstruction(found.sequences(), seconds, capacity, counters);
        }
    }

    private static long stop(Map<String, Double> seconds, String stage, long start) {
        long now = System.nanoTime();
        seconds.put(stage, (now - start) * 1e-9);
        return now;
    }

    private GradientSpan span(PtNDManager manager, PublicModel model, SharedGradient gradient, int layer) {
        String name = ParameterNames.queryKeyValue(layer);
        Tensor values = gradient.get(name);
        GradientSpan.require(name, values, model.configuration().hiddenSize(), 3);
        return GradientSpan.of(program, manager, settings, name, values);
    }

    /** Per position the tokens within τ₁ of the span, as far as there are any. */
    private List<int[]> candidates(ModelConfiguration configuration, PtNDArray[] parameters, GradientSpan span) {
        List<int[]> candidates = new ArrayList<>();
        for (int position = 0; position < configuration.positions(); position++) {
            int[] passing = below(
                    settings.tokenThreshold(),
                    "token_distances",
                    parameters,
                    (long) position,
                    configuration.layerNormEpsilon(),
                    span.projectors());
            if (passing.length == 0) {
                break;
            }
            candidates.add(passing);
        }
        return candidates;
    }

    private Found search(
            ModelConfiguration configuration, PtNDArray[] parameters, GradientSpan span, List<int[]> candidates) {
        List<RecoveredSequence> finished = new ArrayList<>();
        List<int[]> prefixes = List.of(new int[0]);
        long pairs = 0;
        for (int[] tokens : candidates) {
            pairs += (long) prefixes.size() * tokens.length;
            if (pairs > settings.maxCandidates()) {
                return new Found(finished, pairs - (long) prefixes.size() * tokens.length, true);
            }
            List<int[]> survivors = new ArrayList<>();
            boolean[] extended = new boolean[prefixes.size()];
            int all = Math.multiplyExact(prefixes.size(), tokens.length);
            for (int from = 0; from < all; from += settings.parallel()) {
                int[] passing = passing(
                        configuration,
                        parameters,
                        span,
                        prefixes,
                        tokens,
                        from,
                        Math.min(all, from + settings.parallel()));
                for (int row : passing) {
                    int prefix = (from + row) / tokens.length;
                    extended[prefix] = true;
                    survivors.add(append(prefixes.get(prefix), tokens[(from + row) % tokens.length]));
                }
            }
            finish(finished, prefixes, extended);
            prefixes = survivors;
        }
        finish(finished, prefixes, new boolean[prefixes.size()]);
        return new Found(finished, pairs, false);
    }

    /** Which of the pairs {@code from}, …, {@code to − 1} (prefix-major) stay, counted from {@code from}. */
    private int[] passing(
            ModelConfiguration configuration,
            PtNDArray[] parameters,
            GradientSpan span,
            List<int[]> prefixes,
            int[] tokens,
            int from,
            int to) {
        int length = prefixes.get(0).length + 1;
        long[] ids = new long[(to - from) * length];
        for (int pair = from; pair < to; pair++) {
            int[] prefix = prefixes.get(pair / tokens.length);
            int at = (pair - from) * length;
            for (int i = 0; i < prefix.length; i++) {
                ids[at + i] = prefix[i];
            }
            ids[at + length - 1] = tokens[pair % tokens.length];
        }
        try (PtNDManager manager = program.newManager()) {
            return below(
                    settings.prefixThreshold(),
                    "prefix_distances",
                    parameters,
                    TorchProgram.upload(manager, ids, to - from),
                    (long) configuration.heads(),
                    configuration.layerNormEpsilon(),
                    span.projectors());
        }
    }

    /** Indices of the distances below a threshold. */
    private int[] below(double threshold, String method, Object... arguments) {
        try (PtNDManager manager = program.newManager()) {
            float[] distances = program.call(manager, method, arguments)[0].toFloatArray();
            return IntStream.range(0, distances.length)
                    .filter(i -> distances[i] < threshold)
                    .toArray();
        }
    }

    private static void finish(List<RecoveredSequence> finished, List<int[]> prefixes, boolean[] extended) {
        for (int i = 0; i < extended.length; i++) {
            if (!extended[i] && prefixes.get(i).length > 0) {
                finished.add(new RecoveredSequence(prefixes.get(i), 0));
            }
        }
    }

    private static int[] append(int[] prefix, int token) {
        int[] result = Arrays.copyOf(prefix, prefix.length + 1);
        result[prefix.length] = token;
        return result;
    }

    private PtNDArray[] parameters(PublicModel model) {
        int hiddenSize = model.configuration().hiddenSize();
        if (hiddenSize <= settings.rankCutoff()) {
            throw new AttackException("the rank cut-off " + settings.rankCutoff() + " leaves nothing of hidden size "
                    + hiddenSize + "; set a smaller one");
        }
        return uploaded.parameters(model);
    }

    @Override
    public void close() {
        uploaded.close();
        program.close();
    }
}
