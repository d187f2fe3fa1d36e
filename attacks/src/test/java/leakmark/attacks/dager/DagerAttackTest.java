package leakmark.attacks.dager;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import leakmark.attacks.AttackException;
import leakmark.attacks.GradientFile;
import leakmark.attacks.Reconstruction;
import leakmark.attacks.Reconstruction.Capacity;
import leakmark.attacks.Reconstruction.RecoveredSequence;
import leakmark.attacks.Task;
import leakmark.attacks.TokenBatch;
import leakmark.attacks.client.Padding;
import leakmark.attacks.metrics.RecoveryScore;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.text.TextFile;
import leakmark.attacks.text.TextProfile;
import leakmark.kernels.KernelProvider;
import leakmark.kernels.KernelProviders;
import leakmark.kernels.scalar.ScalarKernels;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The attack from a client's text to the text again, on natural language. */
class DagerAttackTest {
    private static final KernelProvider KERNELS = KernelProviders.best();

    private static final List<String> ALIKE = List.of(
            "The committee will meet on Monday to discuss the new budget.",
            "The committee will meet on Monday to discuss the old bridge.",
            "The committee will meet on Friday.",
            "The committee will meet on Friday. Bring your notes.",
            "The committee has not met since the spring.",
            "The committee will not meet on Monday to discuss the new budget.",
            "A committee will meet on Monday to discuss the new budget.",
            "On Monday the committee will meet to discuss the committee.");

    private static List<String> corpus() {
        return TextFile.corpus(TextProfile.ALL);
    }

    private static Reconstruction attacked(Scenario scenario) {
        return new DagerAttack(KERNELS).reconstruct(scenario.model(), scenario.gradient());
    }

    /** Every sequence, at its offset, and not one more. */
    private static void assertExact(Scenario scenario, Reconstruction result) {
        int batchSize = scenario.truth().sentences().size();
        RecoveryScore score = RecoveryScore.of(scenario.truth(), result);
        assertEquals(batchSize, score.exactSequences(), score.toString());
        assertEquals(batchSize, result.sequences().size(), () -> spelled(result).toString());
    }

    private static Certificate certified(Scenario scenario) {
        Certificate certificate =
                new Certifier(Scenario.ENGINE).certify(scenario.model(), scenario.gradient(), attacked(scenario));
        assertTrue(certificate.certified(), "relative error " + certificate.relativeError());
        return certificate;
    }

    private static int trueLabel(Scenario scenario, Reconstruction result, int recovered) {
        TokenBatch truth = scenario.truth().tokens();
        for (int s = 0; s < truth.labels().length; s++) {
            if (Arrays.equals(
                    truth.sequences().get(s), result.sequences().get(recovered).tokens())) {
                return truth.labels()[s];
            }
        }
        return -1;
    }

    /** Sequences as text, so that they compare by value and print. */
    private static Set<String> spelled(Reconstruction result) {
        return result.sequences().stream()
                .map(s -> s.offset() + Arrays.toString(s.tokens()))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @ParameterizedTest
    @CsvSource({
        "0.02, 8, 16, RIGHT, 1", "0.02, 8, 16, LEFT, 2", "0.02, 5, 23, RIGHT, 3",
        "0.05, 8, 16, RIGHT, 4", "0.05, 8, 16, LEFT, 5", "0.05, 13, 11, LEFT, 6",
        "0.1, 8, 16, RIGHT, 7", "0.1, 8, 16, LEFT, 8", "0.1, 3, 37, LEFT, 9"
    })
    void recoversRaggedBatches(
            double standardDeviation, int batchSize, int sequenceLength, Padding padding, long seed) {
        Scenario scenario = Scenario.of(
                Scenario.small(standardDeviation),
                Task.CLASSIFICATION,
                corpus(),
                batchSize,
                sequenceLength,
                padding,
                seed);
        Reconstruction result = attacked(scenario);
        assertExact(scenario, result);
        // The attention output shows the different prefixes of the batch, counted here from the truth.
        Set<String> prefixes = new TreeSet<>();
        for (int s = 0; s < batchSize; s++) {
            int[] tokens = scenario.truth().tokens().sequences().get(s);
            for (int end = 1; end <= tokens.length; end++) {
                prefixes.add(scenario.truth().tokens().offsets()[s] + Arrays.toString(Arrays.copyOf(tokens, end)));
            }
        }
        Capacity capacity = result.capacity();
        assertNotNull(capacity);
        assertEquals(prefixes.size(), capacity.distinctPrefixes());
        assertEquals(256, capacity.hiddenSize());
    }

    /**
     * Shared beginnings, a sentence that is the beginning of another, and one that differs from a crossing of others by
     * float32 noise only: the search alone cannot tell them all, the certificate can.
     */
    @ParameterizedTest
    @CsvSource({"0.05, 3", "0.1, 4"})
    void recoversSentencesThatBeginAlike(double standardDeviation, long seed) {
        Scenario scenario = Scenario.of(
                Scenario.small(standardDeviation), Task.CLASSIFICATION, ALIKE, ALIKE.size(), 40, Padding.RIGHT, seed);
        Certificate certificate = certified(scenario);
        assertExact(scenario, certificate.reconstruction());
        for (int s = 0; s < ALIKE.size(); s++) {
            assertEquals(
                    trueLabel(scenario, certificate.reconstruction(), s),
                    certificate.labels()[s]);
        }
    }

    /** The weights of the others make up for it: that is no reason to repeat them. */
    @Test
    void whatIsLeftOfABatchIsNeitherCertifiedNorRepeated() {
        Scenario scenario = Scenario.of(Scenario.small(0.05), Task.CLASSIFICATION, corpus(), 8, 16, Padding.RIGHT, 4);
        Reconstruction whole = attacked(scenario);
        for (int missing = 0; missing < whole.sequences().size(); missing++) {
            List<RecoveredSequence> rest = new ArrayList<>(whole.sequences());
            rest.remove(missing);
            Certificate certificate = new Certifier(Scenario.ENGINE)
                    .certify(
                            scenario.model(),
                            scenario.gradient(),
                            new Reconstruction(rest, Map.of(), whole.capacity(), Map.of()));
            assertFalse(certificate.certified());
            assertEquals(
                    rest.stream().map(s -> Arrays.toString(s.tokens())).sorted().toList(),
                    certificate.reconstruction().sequences().stream()
                            .map(s -> Arrays.toString(s.tokens()))
                            .sorted()
                            .toList());
        }
    }

    /** At this deviation their differences sink into float32's noise: a refusal, or the truth, but no wrong sequence. */
    @Test
    void neverGuessesSentencesThatAreTooAlike() {
        Scenario scenario =
                Scenario.of(Scenario.small(0.02), Task.CLASSIFICATION, ALIKE, ALIKE.size(), 40, Padding.RIGHT, 3);
        try {
            assertExact(scenario, attacked(scenario));
        } catch (AttackException refusal) {
            assertTrue(String.valueOf(refusal.getMessage()).contains("no rank gap in the attention outputs"));
        }
    }

    @ParameterizedTest
    @CsvSource({"tiny, RIGHT, 1", "tiny, LEFT, 2", "small, RIGHT, 3"})
    void recoversASingleSentence(String preset, Padding padding, long seed) {
        PublicModel model = preset.equals("tiny") ? Scenario.tiny(0.05) : Scenario.small(0.05);
        Scenario scenario =
                Scenario.of(model, Task.CLASSIFICATION, TextFile.corpus(TextProfile.SHORT), 1, 20, padding, seed);
        assertExact(scenario, attacked(scenario));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void providersAgree(long seed) {
        Scenario scenario = Scenario.of(
                Scenario.tiny(0.05), Task.CLASSIFICATION, TextFile.corpus(TextProfile.SHORT), 3, 9, Padding.LEFT, seed);
        Reconstruction expected =
                new DagerAttack(new ScalarKernels()).reconstruct(scenario.model(), scenario.gradient());
        Reconstruction actual = attacked(scenario);
        assertExact(scenario, expected);
        assertEquals(spelled(expected), spelled(actual));
        assertEquals(expected.capacity(), actual.capacity());
    }

    /** Nothing of the loss reaches the last tokens at layer 1; the whole gradient tells them. */
    @ParameterizedTest
    @CsvSource({"0.02, RIGHT, 1", "0.05, LEFT, 2", "0.1, RIGHT, 3"})
    void recoversNextTokenBatches(double standardDeviation, Padding padding, long seed) {
        Scenario scenario =
                Scenario.of(Scenario.small(standardDeviation), Task.NEXT_TOKEN, corpus(), 6, 15, padding, seed);
        Set<String> expected = new TreeSet<>();
        for (int s = 0; s < 6; s++) {
            int[] tokens = scenario.truth().tokens().sequences().get(s);
            expected.add(
                    scenario.truth().tokens().offsets()[s] + Arrays.toString(Arrays.copyOf(tokens, tokens.length - 1)));
        }
        assertEquals(expected, spelled(attacked(scenario)));
        assertExact(scenario, certified(scenario).reconstruction());
    }

    @Test
    void aGradientFromAFileGivesTheSame(@TempDir Path directory) {
        Scenario scenario = Scenario.of(Scenario.tiny(0.05), Task.CLASSIFICATION, corpus(), 2, 12, Padding.RIGHT, 5);
        Path file = directory.resolve("update.safetensors");
        GradientFile.write(file, scenario.gradient(), Map.of());
        Reconstruction fromFile =
                new DagerAttack(KERNELS).reconstruct(scenario.model(), GradientFile.read(file, scenario.model()));
        assertExact(scenario, fromFile);
        assertEquals(spelled(attacked(scenario)), spelled(fromFile));
    }

    @Test
    void theSameGradientGivesTheSameAnswerTwice() {
        Scenario scenario = Scenario.of(Scenario.tiny(0.05), Task.CLASSIFICATION, corpus(), 2, 12, Padding.RIGHT, 6);
        DagerAttack attack = new DagerAttack(KERNELS);
        Reconstruction first = attack.reconstruct(scenario.model(), scenario.gradient());
        Reconstruction second = attack.reconstruct(scenario.model(), scenario.gradient());
        assertEquals(first.sequences().size(), second.sequences().size());
        for (int s = 0; s < first.sequences().size(); s++) {
            assertArrayEquals(
                    first.sequences().get(s).tokens(), second.sequences().get(s).tokens());
        }
        assertTrue(first.seconds() > 0 && second.seconds() > 0);
    }
}
