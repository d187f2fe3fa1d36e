package leakmark.attacks.encoder;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import leakmark.attacks.Task;
import leakmark.attacks.model.Architecture;
import leakmark.attacks.text.TextFile;
import leakmark.attacks.text.TextProfile;
import leakmark.kernels.KernelProviders;
import leakmark.kernels.RowSpace;
import leakmark.kernels.SpanProjection;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The true batch against sequences made of its own tokens at their own positions, in another company. */
class SecondLayerTest {
    @ParameterizedTest
    @ValueSource(doubles = {0.035, 0.05, 0.1})
    void onlyTheTrueContextIsInTheSpan(double std) {
        EncoderScenario scenario = EncoderScenario.of(
                EncoderScenario.model(Architecture.BERT, 256, 8192, std),
                Task.CLASSIFICATION,
                TextFile.corpus(TextProfile.MEDIUM),
                8,
                14,
                9);
        SpanProjection projection = KernelProviders.best().spanProjection();
        RowSpace space = FullDecomposition.of(AttentionGradients.stacked(scenario.model(), scenario.gradient(), 1));
        assertTrue(space.decision().hasGap());
        List<int[]> truth = scenario.truth().tokens().sequences();
        try (SecondLayer layer = SecondLayer.of(new BertFirstLayer(scenario.model()), space, projection)) {
            for (int s = 0; s < truth.size(); s++) {
                int[] sequence = truth.get(s);
                assertTrue(layer.holds(sequence, false), "sequence " + s);
                assertTrue(layer.holds(sequence, true), "sequence " + s);

                int[] swapped = sequence.clone();
                swapped[3] = sequence[4];
                swapped[4] = sequence[3];
                assertFalse(layer.holds(swapped, false), "swapped " + s);

                int[] other = truth.get((s + 1) % truth.size());
                int[] mixed = Arrays.copyOf(sequence, other.length);
                System.arraycopy(other, other.length / 2, mixed, other.length / 2, other.length - other.length / 2);
                assertFalse(layer.holds(mixed, false), "first half of " + s + ", second half of the next");
            }
        }
    }
}
