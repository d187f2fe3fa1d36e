package leakmark.attacks.dager;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import leakmark.attacks.SharedGradient;
import leakmark.attacks.Task;
import leakmark.attacks.client.BatchSampler;
import leakmark.attacks.client.Client;
import leakmark.attacks.client.ClientBatch;
import leakmark.attacks.client.Padding;
import leakmark.attacks.djl.TransformerGradient;
import leakmark.attacks.model.Models;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.text.WordTokenizer;

/** A client with natural text and what it shares. */
record Scenario(PublicModel model, ClientBatch truth, SharedGradient gradient) {
    static final TransformerGradient ENGINE = new TransformerGradient();
    private static final Map<Integer, WordTokenizer> TOKENIZERS = new ConcurrentHashMap<>();
    /** Drawing the weights takes longer than attacking them. */
    private static final Map<String, PublicModel> MODELS = new ConcurrentHashMap<>();

    static Scenario of(
            PublicModel model,
            Task task,
            List<String> sentences,
            int batchSize,
            int sequenceLength,
            Padding padding,
            long seed) {
        ClientBatch truth = new BatchSampler(
                        TOKENIZERS.computeIfAbsent(model.configuration().vocabularySize(), WordTokenizer::new),
                        sentences,
                        sequenceLength,
                        padding,
                        model.configuration().labels())
                .sample(batchSize, seed);
        return new Scenario(
                model,
                truth,
                new Client(ENGINE).share(model, task, truth, Client.decoderAttackNames(model.configuration(), task)));
    }

    static PublicModel small(double standardDeviation) {
        return MODELS.computeIfAbsent("small " + standardDeviation, key -> Models.open("small", 1, standardDeviation));
    }

    static PublicModel tiny(double standardDeviation) {
        return MODELS.computeIfAbsent("tiny " + standardDeviation, key -> Models.open("tiny", 1, standardDeviation));
    }
}
