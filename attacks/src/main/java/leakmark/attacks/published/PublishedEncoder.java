package leakmark.attacks.published;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import leakmark.attacks.Attack;
import leakmark.attacks.Reconstruction;
import leakmark.attacks.Reconstruction.Capacity;
import leakmark.attacks.Reconstruction.RecoveredSequence;
import leakmark.attacks.SharedGradient;
import leakmark.attacks.model.BertNames;
import leakmark.attacks.model.ModelConfiguration;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.Tensor;
import leakmark.attacks.published.NearestSentences.Scored;
import leakmark.attacks.published.PublishedDager.Settings;

/**
 * DAGER for encoders as it was published (Petrov et al., NeurIPS 2024), on PyTorch: the baseline.
 *
 * <ol>
 *   <li>Span: orthonormal bases R₁, R₂ (d × r) of the gradients of layers 1 and 2.
 *   <li>Filter: at every position the tokens whose layer-1 input is within τ₁ of R₁, nearest first. Where the end token
 *       passes, a sentence may end.
 *   <li>Search: for every such length, shortest first, each combination of candidates runs through layer 1; its score is
 *       the mean distance of its layer-2 inputs from R₂. Products of 10 million and more are sampled.
 * </ol>
 *
 * <p>Its two heuristics are on, as in the published scripts: of the candidates at a position only the B nearest are tried
 * ("maxB"), and tokens of sentences within τ₂ leave their positions while others remain there ("non-overlap"). The answer
 * is the sentences within τ₂, filled up to B with the nearest others. It knows B, which our attack does not.
 *
 * <p>In its favour, query, key and value gradients are stacked, as the published code does for GPT-2; for BERT it takes
 * the query's alone, whose signal is weaker.
 */
public final class PublishedEncoder implements Attack {
    /** Embeddings and layer 1, in the order the program takes them. */
    private static final List<String> PARAMETERS = List.of(
            BertNames.TOKEN_EMBEDDING,
            BertNames.POSITION_EMBEDDING,
            BertNames.TYPE_EMBEDDING,
            BertNames.EMBEDDING_NORM_SCALE,
            BertNames.EMBEDDING_NORM_SHIFT,
            BertNames.query(0),
            BertNames.queryBias(0),
            BertNames.key(0),
            BertNames.keyBias(0),
            BertNames.value(0),
            BertNames.valueBias(0),
            BertNames.attentionOutput(0),
            BertNames.attentionOutputBias(0),
            BertNames.attentionNormScale(0),
            BertNames.attentionNormShift(0),
            BertNames.mlpInput(0),
            BertNames.mlpInputBias(0),
            BertNames.mlpOutput(0),
            BertNames.mlpOutputBias(0),
            BertNames.outputNormScale(0),
            BertNames.outputNormShift(0));

    private final Settings settings;
    private final int batchSize;
    private final int end;
    private final TorchProgram program = new TorchProgram(GradientSpan.RESOURCE, "dager_encoder.torchscript");
    private final UploadedModel uploaded = new UploadedModel(program, PARAMETERS);

    /** Candidates of each position, and the positions where sentences may end. */
    private record Filtered(List<int[]> candidates, List<Integer> ends) {}

    /** Sentences within τ₂, then the nearest others, and what finding them took. */
    private record Found(List<int[]> sentences, int verified, double tried, double combinations) {}

    /**
     * @param settings thresholds
     * @param batchSize B
     * @param end id of [SEP]
     */
    public PublishedEncoder(Settings settings, int batchSize, int end) {
        this.settings = settings;
        this.batchSize = batchSize;
        this.end = end;
    }

    /** Copies the model to libtorch, once: no stage's time has it. */
    public void prepare(PublicModel model) {
        uploaded.parameters(model);
    }

    @Override
    public Reconstruction reconstruct(PublicModel model, SharedGradient gradient) {
        PtNDArray[] parameters = uploaded.parameters(model);
        ModelConfiguration configuration = model.configuration();
        Map<String, Double> seconds = new LinkedHashMap<>();
        try (PtNDManager manager = program.newManager()) {
            long start = System.nanoTime();
            GradientSpan first = span(manager, configuration, gradient, 0);
            GradientSpan second = span(manager, configuration, gradient, 1);
            start = stop(seconds, "rank", start);

            Filtered filtered = filter(configuration, parameters, first);
            start = stop(seconds, "filter", start);

            Found found = search(configuration, parameters, second, filtered);
            stop(seconds, "search", start);

            return new Reconstruction(
                    found.sentences().stream()
                            .map(tokens -> new RecoveredSequence(tokens, 0))
                            .toList(),
                    seconds,
                    new Capacity(first.rank(), second.rank(), configuration.hiddenSize()),
                    Map.of(
                            "positions",
                            (double) filtered.candidates().size(),
                            "verified",
                            (double) found.verified(),
                            "tried",
                            found.tried(),
                            "combinations",
                            found.combinations()));
        }
    }

    private static long stop(Map<String, Double> seconds, String stage, long start) {
        long now = System.nanoTime();
        seconds.put(stage, (now - start) * 1e-9);
        return now;
    }

    private GradientSpan span(
            PtNDManager manager, ModelConfiguration configuration, SharedGradient gradient, int layer) {
        List<String> names = List.of(BertNames.query(layer), BertNames.key(layer), BertNames.value(layer));
        names.forEach(name -> GradientSpan.require(name, gradient.get(name), configuration.hiddenSize(), 1));
        Tensor stacked = Tensor.beside(names.stream().map(gradient::get).toArray(Tensor[]::new));
        return GradientSpan.of(program, manager, settings, "layer " + (layer + 1) + "'s attention", stacked);
    }

    private Filtered filter(ModelConfiguration configuration, PtNDArray[] parameters, GradientSpan span) {
        List<int[]> candidates = new ArrayList<>();
        List<Integer> ends = new ArrayList<>();
        for (int position = 0; position < configuration.positions(); position++) {
            float[] distances = distances(
                    "token_distances",
                    parameters,
                    (long) position,
                    configuration.layerNormEpsilon(),
                    span.projectors());
            int[] passing = IntStream.range(0, distances.length)
                    .filter(token -> distances[token] < settings.tokenThreshold())
                    .boxed()
                    .sorted(Comparator.comparingDouble(token -> distances[token]))
                    .mapToInt(token -> token)
                    .toArray();
            if (passing.length == 0) {
                break;
            }
            if (distances[end] < settings.tokenThreshold()) {
                ends.add(position);
            }
            candidates.add(Arrays.stream(passing).filter(token -> token != end).toArray());
        }
        return new Filtered(candidates, ends);
    }

    private Found search(
            ModelConfiguration configuration, PtNDArray[] parameters, GradientSpan span, Filtered filtered) {
        List<int[]> verified = new ArrayList<>();
        NearestSentences others = new NearestSentences(batchSize);
        double tried = 0;
        double combinations = 0;
        for (int last : filtered.ends()) {
            CandidateProduct product =
                    new CandidateProduct(choices(filtered, last, verified), end, settings.maxCandidates());
            combinations += product.size();
            tried += product.count();
            for (Scored sentence : nearest(configuration, parameters, span, product)) {
                if (sentence.distance() < settings.prefixThreshold()) {
                    verified.add(sentence.tokens());
                } else {
                    others.offer(sentence);
                }
            }
        }
        List<int[]> all = new ArrayList<>(verified);
        others.nearest().stream()
                .limit(Math.max(0, batchSize - verified.size()))
                .forEach(sentence -> all.add(sentence.tokens()));
        return new Found(all, verified.size(), tried, combinations);
    }

    /** The two heuristics: B candidates a position, without those of verified sentences while others remain. */
    private List<int[]> choices(Filtered filtered, int last, List<int[]> verified) {
        List<int[]> choices = new ArrayList<>();
        for (int position = 0; position < last; position++) {
            List<Integer> left =
                    new ArrayList<>(Arrays.stream(filtered.candidates().get(position))
                            .limit(batchSize)
                            .boxed()
                            .toList());
            for (int[] sentence : verified) {
                if (position < sentence.length && left.size() > 1) {
                    left.remove(Integer.valueOf(sentence[position]));
                }
            }
            choices.add(left.stream().mapToInt(token -> token).toArray());
        }
        return choices;
    }

    private List<Scored> nearest(
            ModelConfiguration configuration, PtNDArray[] parameters, GradientSpan span, CandidateProduct product) {
        NearestSentences nearest = new NearestSentences(batchSize);
        for (long from = 0; from < product.count(); from += settings.parallel()) {
            int n = (int) Math.min(settings.parallel(), product.count() - from);
            List<int[]> sentences = new ArrayList<>();
            for (int i = 0; i < n; i++) {
                sentences.add(product.next());
            }
            float[] distances = distances(configuration, parameters, span, sentences);
            IntStream.range(0, n)
                    .filter(i -> nearest.wants(distances[i]))
                    .boxed()
                    .sorted(Comparator.comparingDouble(i -> distances[i]))
                    .forEach(i -> nearest.offer(new Scored(sentences.get(i), distances[i])));
        }
        return nearest.nearest();
    }

    private float[] distances(
            ModelConfiguration configuration, PtNDArray[] parameters, GradientSpan span, List<int[]> sentences) {
        try (PtNDManager manager = program.newManager()) {
            long[] ids = sentences.stream()
                    .flatMapToInt(Arrays::stream)
                    .asLongStream()
                    .toArray();
            return distances(
                    "sequence_distances",
                    parameters,
                    TorchProgram.upload(manager, ids, sentences.size()),
                    (long) configuration.heads(),
                    configuration.layerNormEpsilon(),
                    span.projectors());
        }
    }

    private float[] distances(String method, Object... arguments) {
        try (PtNDManager manager = program.newManager()) {
            return program.call(manager, method, arguments)[0].toFloatArray();
        }
    }

    @Override
    public void close() {
        uploaded.close();
        program.close();
    }
}
