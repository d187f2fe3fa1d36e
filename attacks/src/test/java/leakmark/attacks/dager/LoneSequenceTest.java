package leakmark.attacks.dager;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.IntStream;
import leakmark.attacks.Task;
import leakmark.attacks.client.Padding;
import leakmark.attacks.defences.Protection;
import leakmark.attacks.model.ParameterNames;
import leakmark.attacks.model.Tensor;
import leakmark.kernels.KernelProviders;
import org.junit.jupiter.api.Test;

/** Natural text that nothing was tuned on. */
class LoneSequenceTest {
    private static final List<String> SENTENCES = List.of(
            "the baker and the miller and the carter met at the mill by the river",
            "every autumn the geese cross our valley before the first snow",
            "he wound the old clock twice a week without being asked",
            "rain had washed the chalk marks from the harbour wall");

    private static Scenario scenario(int batchSize) {
        return Scenario.of(Scenario.small(0.02), Task.CLASSIFICATION, SENTENCES, batchSize, 24, Padding.RIGHT, 1);
    }

    private static int[] bag(Scenario scenario) {
        return scenario.truth().tokens().sequences().stream()
                .flatMapToInt(IntStream::of)
                .distinct()
                .sorted()
                .toArray();
    }

    private static InputMixture mixture(Scenario scenario, Tensor gradient) {
        try (NormalisedEmbeddings embeddings = new NormalisedEmbeddings(scenario.model(), KernelProviders.best())) {
            return java.util.Objects.requireNonNull(
                    InputMixture.of(embeddings.layer(), Whitened.of(gradient), bag(scenario), 32));
        }
    }

    @Test
    void aMixtureTellsLengthAndSequences() {
        for (int batchSize : new int[] {1, 4}) {
            Scenario scenario = scenario(batchSize);
            InputMixture mixture = mixture(scenario, scenario.gradient().get(ParameterNames.queryKeyValue(0)));
            int longest = scenario.truth().tokens().sequences().stream()
                    .mapToInt(sequence -> sequence.length)
                    .max()
                    .orElse(0);
            if (batchSize == 1) {
                assertEquals(longest, mixture.length());
                assertTrue(mixture.isOneSequence());
            } else {
                assertFalse(mixture.isOneSequence());
            }
        }
    }

    @Test
    void placesAreFoundBehindNoise() {
        Scenario scenario = scenario(1);
        int[] truth = scenario.truth().tokens().sequences().get(0);
        Tensor noisy = java.util.Objects.requireNonNull(Protection.parse("gaussian:1e-5")
                .apply(scenario.gradient().tensors(), 5)
                .get(ParameterNames.queryKeyValue(0)));
        try (NormalisedEmbeddings embeddings = new NormalisedEmbeddings(scenario.model(), KernelProviders.best())) {
            InputMixture mixture = mixture(scenario, noisy);
            assertArrayEquals(
                    truth,
                    new LoneSequence(embeddings.layer(), Whitened.of(noisy), SignalSubspace.of(noisy))
                            .ordered(bag(scenario), mixture)
                            .tokens());
        }
    }
}
