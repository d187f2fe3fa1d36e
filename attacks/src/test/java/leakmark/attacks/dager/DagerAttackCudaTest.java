package leakmark.attacks.dager;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import leakmark.attacks.Reconstruction;
import leakmark.attacks.Task;
import leakmark.attacks.client.Padding;
import leakmark.attacks.metrics.RecoveryScore;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.text.TextFile;
import leakmark.attacks.text.TextProfile;
import leakmark.kernels.KernelProvider;
import leakmark.kernels.KernelProviders;
import leakmark.kernels.cuda.NoLeaks;
import leakmark.kernels.cuda.StandIn;
import leakmark.kernels.vector.VectorKernels;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The whole attack on the stand-in for a GPU: what the CPU finds, in the same order, from as many tries. */
@ExtendWith(NoLeaks.class)
@Tag("own-process")
class DagerAttackCudaTest {
    private static Reconstruction attacked(KernelProvider kernels, Scenario scenario) {
        try (DagerAttack attack = new DagerAttack(kernels)) {
            return attack.reconstruct(scenario.model(), scenario.gradient());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "tiny, 0.05, CLASSIFICATION, SHORT, 3, 9, LEFT, 0, 1",
        "tiny, 0.1, NEXT_TOKEN, SHORT, 4, 8, RIGHT, 1, 2",
        "small, 0.02, CLASSIFICATION, ALL, 5, 12, RIGHT, 2, 3",
        "small, 0.05, NEXT_TOKEN, ALL, 6, 10, LEFT, 12345, 4"
    })
    void findsWhatTheCpuFinds(
            String preset,
            double standardDeviation,
            Task task,
            TextProfile profile,
            int batchSize,
            int sequenceLength,
            Padding padding,
            long threadOrder,
            long seed) {
        StandIn.order(threadOrder);
        PublicModel model =
                preset.equals("tiny") ? Scenario.tiny(standardDeviation) : Scenario.small(standardDeviation);
        Scenario scenario =
                Scenario.of(model, task, TextFile.corpus(profile), batchSize, sequenceLength, padding, seed);
        Reconstruction expected = attacked(new VectorKernels(), scenario);
        Reconstruction actual = attacked(KernelProviders.byName("cuda"), scenario);
        assertEquals(expected.sequences().size(), actual.sequences().size());
        for (int s = 0; s < expected.sequences().size(); s++) {
            assertArrayEquals(
                    expected.sequences().get(s).tokens(),
                    actual.sequences().get(s).tokens());
            assertEquals(
                    expected.sequences().get(s).offset(),
                    actual.sequences().get(s).offset());
        }
        assertEquals(expected.counters(), actual.counters());
        assertEquals(expected.capacity(), actual.capacity());
        if (task == Task.CLASSIFICATION) {
            assertEquals(batchSize, RecoveryScore.of(scenario.truth(), actual).exactSequences());
        }
    }
}
