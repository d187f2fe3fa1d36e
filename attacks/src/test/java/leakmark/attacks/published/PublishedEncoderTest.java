package leakmark.attacks.published;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import leakmark.attacks.Reconstruction;
import leakmark.attacks.Refusal;
import leakmark.attacks.SharedGradient;
import leakmark.attacks.Task;
import leakmark.attacks.TokenBatch;
import leakmark.attacks.client.Client;
import leakmark.attacks.client.ClientBatch;
import leakmark.attacks.djl.TransformerGradient;
import leakmark.attacks.model.Architecture;
import leakmark.attacks.model.BertNames;
import leakmark.attacks.model.ModelConfiguration;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.SeededWeights;
import leakmark.attacks.model.Tensor;
import leakmark.attacks.published.NearestSentences.Scored;
import leakmark.attacks.published.PublishedDager.Settings;
import leakmark.attacks.text.FramedTokenizer;
import org.junit.jupiter.api.Test;

class PublishedEncoderTest {
    private static final ModelConfiguration CONFIGURATION =
            new ModelConfiguration("b", Architecture.BERT, 3, 96, 4, 2048, 16, 384, 2, 1e-12);
    private static final PublicModel MODEL = new PublicModel(CONFIGURATION, new SeededWeights(CONFIGURATION, 1, 0.05));
    private static final FramedTokenizer TOKENIZER = FramedTokenizer.builtIn(CONFIGURATION.vocabularySize());
    private static final List<String> SENTENCES = List.of(" The house is old", " My brother sold it");

    private static TokenBatch batch(List<String> sentences) {
        return new TokenBatch(
                sentences.stream()
                        .map(sentence -> TOKENIZER.framed(TOKENIZER.encode(sentence)))
                        .toList(),
                new int[sentences.size()],
                new int[sentences.size()]);
    }

    private static SharedGradient gradient(TokenBatch batch) {
        try (TransformerGradient oracle = new TransformerGradient()) {
            return new Client(oracle)
                    .share(
                            MODEL,
                            Task.CLASSIFICATION,
                            new ClientBatch(List.of("", ""), batch),
                            Client.attackNames(CONFIGURATION, Task.CLASSIFICATION));
        }
    }

    private static Reconstruction attack(Settings settings, int batchSize, SharedGradient gradient) {
        try (PublishedEncoder attack = new PublishedEncoder(settings, batchSize, TOKENIZER.last())) {
            return attack.reconstruct(MODEL, gradient);
        }
    }

    private static Set<List<Integer>> sequences(Reconstruction reconstruction) {
        return reconstruction.sequences().stream()
                .map(sequence -> Arrays.stream(sequence.tokens()).boxed().toList())
                .collect(Collectors.toSet());
    }

    @Test
    void recoversABatchWhoseProductIsSmall() {
        TokenBatch batch = batch(SENTENCES);
        Reconstruction result = attack(Settings.defaults(), 2, gradient(batch));
        assertEquals(
                batch.sequences().stream()
                        .map(tokens -> Arrays.stream(tokens).boxed().toList())
                        .collect(Collectors.toSet()),
                sequences(result));
        assertEquals(2, counter(result, "verified"));
        // Two candidates a position behind [CLS], and no more combinations than the product over all lengths.
        assertTrue(counter(result, "tried") == counter(result, "combinations"));
        assertEquals(
                List.of("rank", "filter", "search"),
                List.copyOf(result.secondsByStage().keySet()));
    }

    /** Too many combinations are sampled; the nearest sentence is told even if it is not verified. */
    @Test
    void samplesALargeProduct() {
        Reconstruction result = attack(new Settings(1e-6, 20, 1e-4, 1e-3, 7, 1), 2, gradient(batch(SENTENCES)));
        // Both sentences are of one length: one sentence is drawn, and it is the answer, right or wrong.
        assertEquals(1, counter(result, "tried"));
        assertTrue(counter(result, "combinations") > 4);
        assertEquals(1, result.sequences().size());
    }

    @Test
    void aGradientOfAnotherShapeIsRefused() {
        SharedGradient gradient = gradient(batch(SENTENCES));
        Map<String, Tensor> tensors = new TreeMap<>(gradient.tensors());
        tensors.put(BertNames.key(1), Tensor.matrix(2, 3, new float[6]));
        assertEquals(
                "the gradient of " + BertNames.key(1)
                        + " is 2 x 3, the model needs 96 x 96; give the model that made it",
                Refusal.of(() -> attack(Settings.defaults(), 2, new SharedGradient(Task.CLASSIFICATION, tensors))));
    }

    @Test
    void theProductCountsInOrder() {
        CandidateProduct product =
                new CandidateProduct(List.of(new int[] {1}, new int[] {2, 3}, new int[] {4, 5}), 9, 5);
        assertEquals(4, product.count());
        assertFalse(product.isSampled());
        assertArrayEquals(new int[] {1, 2, 4, 9}, product.next());
        assertArrayEquals(new int[] {1, 2, 5, 9}, product.next());
        assertArrayEquals(new int[] {1, 3, 4, 9}, product.next());
        assertArrayEquals(new int[] {1, 3, 5, 9}, product.next());
        assertEquals(0, new CandidateProduct(List.of(new int[0], new int[] {2}), 9, 5).count());
        assertTrue(new CandidateProduct(List.of(new int[] {1, 2}, new int[] {2, 3}), 9, 4).isSampled());
    }

    /** Of alike sentences the nearer stays; of others the nearest two. */
    @Test
    void keepsTheNearestOfAlikeSentences() {
        NearestSentences nearest = new NearestSentences(2);
        nearest.offer(new Scored(new int[] {1, 2, 3, 4}, 0.5));
        nearest.offer(new Scored(new int[] {1, 2, 3, 5}, 0.3));
        nearest.offer(new Scored(new int[] {1, 2, 3, 6}, 0.4));
        nearest.offer(new Scored(new int[] {7, 8, 9, 5}, 0.6));
        nearest.offer(new Scored(new int[] {7, 7, 7, 7}, 0.7));
        assertEquals(
                List.of(0.3, 0.6),
                nearest.nearest().stream().map(Scored::distance).toList());
    }

    private static double counter(Reconstruction result, String name) {
        return Objects.requireNonNull(result.counters().get(name), name);
    }
}
