package leakmark.attacks.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import leakmark.attacks.Refusal;
import leakmark.attacks.Task;
import leakmark.attacks.TokenBatch;
import leakmark.attacks.model.Architecture;
import leakmark.attacks.model.ModelConfiguration;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.SeededWeights;
import leakmark.attacks.model.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BertGradientTest {
    private static final ModelConfiguration CONFIGURATION =
            new ModelConfiguration("b", Architecture.BERT, 2, 12, 3, 30, 11, 20, 3, 1e-12);

    /** Strong weights, so that no gradient drowns in rounding. */
    private static final PublicModel MODEL = new PublicModel(CONFIGURATION, new SeededWeights(CONFIGURATION, 5, 0.3));

    /** Lengths 5, 1 and 7, repeated tokens, one sequence away from position 0; 28 stands for what was masked. */
    private static final TokenBatch RAGGED = new TokenBatch(
            List.of(new int[] {3, 28, 3, 29, 0}, new int[] {21}, new int[] {5, 9, 28, 28, 3, 3, 11}),
            new int[] {0, 0, 4},
            new int[] {2, 0, 1},
            List.of(new int[] {-1, 7, -1, -1, -1}, new int[] {-1}, new int[] {-1, -1, 12, 3, -1, 3, -1}));

    @ParameterizedTest
    @EnumSource(
            value = Task.class,
            names = {"CLASSIFICATION", "MASKED_LM"})
    void everyParameterAgreesWithFiniteDifferences(Task task) {
        Set<String> names =
                MODEL.weights().names().stream().filter(task::reaches).collect(Collectors.toSet());
        try (TransformerGradient oracle = new TransformerGradient();
                TransformerGradient cut = new TransformerGradient(1)) {
            Map<String, Tensor> gradient = oracle.gradient(MODEL, task, RAGGED, names);
            Map<String, Tensor> parts = cut.gradient(MODEL, task, RAGGED, names);
            for (String name : names) {
                // 17 shares no factor with the widths, so that every column and row is met.
                assertAgrees(name, task, get(gradient, name), 17);
                assertClose(name, get(gradient, name), get(parts, name));
            }
        }
    }

    @Test
    void hiddenStatesAgreeWithFloat64() {
        Float64Bert exact = new Float64Bert(MODEL);
        try (TransformerGradient oracle = new TransformerGradient()) {
            List<Tensor> states = oracle.hiddenStates(MODEL, RAGGED);
            for (int s = 0; s < states.size(); s++) {
                double[][] expected = exact.hiddenStates(RAGGED.sequences().get(s), RAGGED.offsets()[s]);
                assertEquals(expected.length, states.get(s).rows());
                for (int i = 0; i < expected.length * 12; i++) {
                    double difference =
                            Math.abs(expected[i / 12][i % 12] - states.get(s).data()[i]);
                    assertTrue(difference <= 2e-5, "sequence " + s + ": " + difference);
                }
            }
        }
    }

    @Test
    void aTaskOfAnotherArchitectureIsRefused() {
        try (TransformerGradient oracle = new TransformerGradient()) {
            String name = "pooler.dense.weight";
            assertEquals(
                    "the task next-token is not one of model b",
                    Refusal.of(() -> oracle.gradient(MODEL, Task.NEXT_TOKEN, RAGGED, Set.of())));
            assertEquals(
                    name + " has no gradient in the task masked-lm; leave it out",
                    Refusal.of(() -> oracle.gradient(MODEL, Task.MASKED_LM, RAGGED, Set.of(name))));
        }
    }

    /** Central differences at step 1e-4, within 2e-4 of the largest: truncation and float32. */
    private static void assertAgrees(String name, Task task, Tensor gradient, int stride) {
        Float64Bert exact = new Float64Bert(MODEL);
        double[] values = Objects.requireNonNull(exact.parameters.get(name));
        int step = values.length > 100 ? stride : 1;
        double h = 1e-4;
        double largest = 0;
        for (float value : gradient.data()) {
            largest = Math.max(largest, Math.abs(value));
        }
        if (name.endsWith("attention.self.key.bias")) {
            // A shift of all keys moves no softmax: the gradient is rounding.
            assertTrue(largest <= 1e-6, name + ": " + largest);
            return;
        }
        assertTrue(largest > 1e-6, name + " has no gradient to compare");
        for (int i = 0; i < values.length; i += step) {
            double value = values[i];
            values[i] = value + h;
            double above = exact.loss(task, RAGGED);
            values[i] = value - h;
            double below = exact.loss(task, RAGGED);
            values[i] = value;
            double expected = (above - below) / (2 * h);
            assertTrue(
                    Math.abs(expected - gradient.data()[i]) <= 2e-4 * largest,
                    name + "[" + i + "]: expected " + expected + ", got " + gradient.data()[i]);
        }
    }

    private static void assertClose(String name, Tensor expected, Tensor actual) {
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < expected.data().length; i++) {
            double e = expected.data()[i];
            difference += (e - actual.data()[i]) * (e - actual.data()[i]);
            norm += e * e;
        }
        // The sum is for the keys' biases, whose true gradient is zero.
        assertTrue(Math.sqrt(difference) <= 3e-6 * Math.sqrt(norm) + 1e-6, name + ": " + Math.sqrt(difference / norm));
    }

    private static Tensor get(Map<String, Tensor> gradient, String name) {
        return Objects.requireNonNull(gradient.get(name), name);
    }
}
