package leakmark.attacks.encoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import leakmark.attacks.Reconstruction;
import leakmark.attacks.Reconstruction.Capacity;
import leakmark.attacks.Refusal;
import leakmark.attacks.SharedGradient;
import leakmark.attacks.Task;
import leakmark.attacks.TokenBatch;
import leakmark.attacks.dager.Certificate;
import leakmark.attacks.defences.Protection;
import leakmark.attacks.metrics.RecoveryScore;
import leakmark.attacks.model.Architecture;
import leakmark.attacks.model.BertNames;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.Tensor;
import leakmark.attacks.text.TextFile;
import leakmark.attacks.text.TextProfile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** From a client's text to the text again, on natural language. */
class EncoderAttackTest {
    /** The third sentence has no token that is not in the first or the second. */
    private static final List<String> SHARING = List.of(
            "The old man sold the boat to his brother.",
            "A young woman painted the house for the winter.",
            "The young woman sold the house to the old man.",
            "Nobody remembered where the key had been hidden.");

    private static PublicModel small(double std) {
        return EncoderScenario.model(Architecture.BERT, 256, 8192, std);
    }

    private static void assertExact(EncoderScenario scenario, Reconstruction result) {
        RecoveryScore score = scenario.score(result);
        assertEquals(score.sequences(), score.exactSequences(), score + " " + result.counters());
        assertEquals(score.sequences(), result.sequences().size());
    }

    private static void assertCertified(EncoderScenario scenario, Reconstruction result) {
        Certificate certificate = scenario.certified(result);
        assertTrue(certificate.certified(), "relative error " + certificate.relativeError());
        assertEquals(
                scenario.score(result).sequences(),
                certificate.reconstruction().sequences().size());
    }

    @ParameterizedTest
    @CsvSource({"0.02, 6, 14, 1", "0.02, 11, 9, 2", "0.05, 6, 14, 3", "0.05, 4, 21, 4"})
    void recoversRaggedBatches(double std, int batchSize, int sequenceLength, long seed) {
        EncoderScenario scenario = EncoderScenario.of(
                small(std), Task.CLASSIFICATION, TextFile.corpus(TextProfile.ALL), batchSize, sequenceLength, seed);
        Reconstruction result = scenario.attacked();
        assertExact(scenario, result);
        assertCertified(scenario, result);
    }

    /** Tokens and positions together outnumber a head's equations: only pairs of them do not. */
    @Test
    void recoversLongSequencesByPairs() {
        EncoderScenario scenario =
                EncoderScenario.of(small(0.035), Task.CLASSIFICATION, TextFile.corpus(TextProfile.LONG), 3, 34, 5);
        assertExact(scenario, scenario.attacked());
    }

    @Test
    void peelsWhatSharesAllItsTokens() {
        EncoderScenario scenario = EncoderScenario.of(small(0.05), Task.CLASSIFICATION, SHARING, SHARING.size(), 20, 6);
        Reconstruction result = scenario.attacked();
        assertExact(scenario, result);
        assertTrue(result.counters().getOrDefault("rounds", 0.0) > 1, "nothing was peeled: the case tests nothing");
        assertCertified(scenario, result);
    }

    /** Sequences as the model sees them, with what was masked. */
    @Test
    void recoversMaskedSequences() {
        EncoderScenario scenario =
                EncoderScenario.of(small(0.05), Task.MASKED_LM, TextFile.corpus(TextProfile.MEDIUM), 5, 14, 7);
        Reconstruction result = scenario.attacked();
        assertExact(scenario, result);
        assertCertified(scenario, result);
        Certificate certificate = scenario.certified(result);
        TokenBatch truth = scenario.truth().tokens();
        for (int s = 0; s < truth.sequences().size(); s++) {
            int[] sequence = truth.sequences().get(s);
            int found = IntStream.range(0, result.sequences().size())
                    .filter(i ->
                            Arrays.equals(sequence, result.sequences().get(i).tokens()))
                    .findFirst()
                    .orElseThrow();
            assertArrayEquals(truth.targets().get(s), certificate.targets().get(found));
        }
    }

    /** More tokens than hidden dimensions: layer 2's span is everything, and the tokens' own gradients certify. */
    @ParameterizedTest
    @CsvSource({"BERT, 31, 9, 8", "GPT2, 27, 12, 10", "GPT2, 20, 18, 3"})
    void recoversBeyondCapacity(Architecture architecture, int batchSize, int sequenceLength, long seed) {
        PublicModel model = EncoderScenario.model(architecture, 256, 8192, 0.02);
        EncoderScenario scenario = EncoderScenario.of(
                model, Task.CLASSIFICATION, TextFile.corpus(TextProfile.MEDIUM), batchSize, sequenceLength, seed);
        assertTrue(scenario.tokens() > 256, "within capacity: the case tests nothing");
        Reconstruction result = scenario.attacked();
        Capacity capacity = result.capacity();
        assertNotNull(capacity);
        assertEquals(256, capacity.distinctPrefixes());
        RecoveryScore score = scenario.score(result);
        assertEquals(score.exactSequences(), result.sequences().size(), "a wrong sequence was accepted");
        assertTrue(score.exactSequences() >= batchSize - 1, score + " " + result.counters());
    }

    /** Attention too strong for pairs, sequences too long for bags: what limits is told, and nothing wrong is found. */
    @Test
    void tellsWhatLimits() {
        EncoderScenario scenario =
                EncoderScenario.of(small(0.12), Task.CLASSIFICATION, TextFile.corpus(TextProfile.LONG), 4, 44, 3);
        Reconstruction result = scenario.attacked();
        RecoveryScore score = scenario.score(result);
        assertEquals(score.exactSequences(), result.sequences().size(), "a wrong sequence was accepted");
        assertTrue(score.exactSequences() < score.sequences(), "all recovered: the case tests nothing");
        List<String> limits = result.limits();
        assertTrue(limits.stream().anyMatch(line -> line.startsWith("equations: sequences of up to ")), limits + "");
        assertTrue(limits.stream().anyMatch(line -> line.startsWith("noise: ")), limits + "");
    }

    /** What is complete has no limits. */
    @Test
    void quantisedGradientsAreRefusedWithTheirNoise() {
        EncoderScenario scenario =
                EncoderScenario.of(small(0.02), Task.CLASSIFICATION, TextFile.corpus(TextProfile.SHORT), 3, 8, 1);
        assertEquals(List.of(), scenario.attacked().limits());
        Map<String, Tensor> rounded =
                Protection.parse("int8").apply(scenario.gradient().tensors(), 1);
        EncoderScenario other = new EncoderScenario(
                scenario.model(), scenario.truth(), new SharedGradient(Task.CLASSIFICATION, rounded));
        String line = Refusal.of(other::attacked);
        assertTrue(line.contains("noisy or quantised"), line);
    }

    @Test
    void aNoisyGradientIsRefused() {
        EncoderScenario scenario =
                EncoderScenario.of(small(0.02), Task.CLASSIFICATION, TextFile.corpus(TextProfile.SHORT), 3, 8, 1);
        Map<String, Tensor> noisy = new TreeMap<>(scenario.gradient().tensors());
        for (String name : List.of(BertNames.query(0), BertNames.key(0), BertNames.value(0))) {
            float[] values = scenario.gradient().get(name).data().clone();
            Random random = new Random(1);
            double norm = 0;
            for (float value : values) {
                norm += value * value;
            }
            for (int i = 0; i < values.length; i++) {
                values[i] += (float) (0.01 * Math.sqrt(norm / values.length) * random.nextGaussian());
            }
            noisy.put(name, new Tensor(scenario.gradient().get(name).shape(), values));
        }
        EncoderScenario other =
                new EncoderScenario(scenario.model(), scenario.truth(), new SharedGradient(Task.CLASSIFICATION, noisy));
        String line = Refusal.of(other::attacked);
        assertTrue(line.contains("no rank gap in the inputs of layer 1"), line);
    }

    @Test
    void layerOneAgreesWithPyTorch() {
        PublicModel one = new PublicModel(
                new leakmark.attacks.model.ModelConfiguration("one", Architecture.BERT, 1, 24, 3, 50, 12, 40, 2, 1e-12),
                new leakmark.attacks.model.SeededWeights(
                        new leakmark.attacks.model.ModelConfiguration(
                                "one", Architecture.BERT, 1, 24, 3, 50, 12, 40, 2, 1e-12),
                        3,
                        0.3));
        int[] tokens = {4, 9, 4, 33, 0, 49, 7};
        float[] expected = EncoderScenario.ENGINE
                .hiddenStates(one, new leakmark.attacks.TokenBatch(List.of(tokens), new int[] {0}, new int[] {0}))
                .get(0)
                .data();
        double[] actual = new BertFirstLayer(one).outputs(tokens);
        for (int i = 0; i < expected.length; i++) {
            assertTrue(Math.abs(expected[i] - actual[i]) <= 1e-5, i + ": " + expected[i] + " " + actual[i]);
        }
    }
}
