package leakmark.attacks.dager;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import leakmark.attacks.Reconstruction.RecoveredSequence;
import leakmark.attacks.Task;
import leakmark.attacks.client.Padding;
import leakmark.attacks.model.ParameterNames;
import leakmark.kernels.KernelProviders;
import org.junit.jupiter.api.Test;

/** Repeats of natural text that nothing was tuned on. */
class TokenCountsTest {
    @Test
    void repeatsWeighMore() {
        Scenario scenario = Scenario.of(
                Scenario.small(0.02),
                Task.CLASSIFICATION,
                List.of("the baker and the miller and the carter met at the mill by the river"),
                1,
                24,
                Padding.RIGHT,
                1);
        int[] tokens = scenario.truth().tokens().sequences().get(0);
        int[] bag = Arrays.stream(tokens).distinct().sorted().toArray();
        int[] expected = Arrays.stream(bag)
                .map(t -> (int) Arrays.stream(tokens).filter(u -> u == t).count())
                .toArray();
        assertEquals(5, Arrays.stream(expected).max().orElse(0));
        try (NormalisedEmbeddings embeddings = new NormalisedEmbeddings(scenario.model(), KernelProviders.best())) {
            assertArrayEquals(
                    expected,
                    TokenCounts.of(
                            embeddings.layer(), scenario.gradient().get(ParameterNames.queryKeyValue(0)), bag, 24));
        }
    }

    @Test
    void sequencesAreCompleted() {
        RecoveredSequence found = new RecoveredSequence(new int[] {7, 3, 7, 7, 5}, 0);
        assertArrayEquals(
                new int[] {7, 3, 7, 5, 5, 9},
                SequencePursuit.completed(found, new int[] {3, 5, 7, 9}, new int[] {1, 2, 2, 1})
                        .tokens());
    }
}
