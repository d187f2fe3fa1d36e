package leakmark.attacks.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import leakmark.attacks.AttackException;
import leakmark.attacks.Task;
import leakmark.attacks.TokenBatch;
import leakmark.attacks.model.ParameterNames;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TransformerGradientTest {
    private static final PublicModel MODEL = TinyModel.of(2, 16, 2, 32, 12, 3, 7);

    /** Lengths 5, 1, 8 and 3; repeated tokens; the last two stand away from position 0. */
    private static final TokenBatch RAGGED = new TokenBatch(
            List.of(new int[] {3, 17, 3, 30, 0}, new int[] {31}, new int[] {5, 9, 17, 22, 3, 3, 11, 8}, new int[] {
                1, 2, 1
            }),
            new int[] {0, 0, 4, 7},
            new int[] {2, 0, 1, 1});

    @ParameterizedTest
    @EnumSource(
            value = Task.class,
            names = {"CLASSIFICATION", "NEXT_TOKEN"})
    void everyParameterAgreesWithFiniteDifferences(Task task) {
        Set<String> names = namesFor(task);
        try (TransformerGradient oracle = new TransformerGradient()) {
            assertAgrees(task, oracle.gradient(MODEL, task, RAGGED, names));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Task.class,
            names = {"CLASSIFICATION", "NEXT_TOKEN"})
    void partsOfABatchAddUpToTheWhole(Task task) {
        Set<String> names = namesFor(task);
        try (TransformerGradient whole = new TransformerGradient();
                TransformerGradient cut = new TransformerGradient(1)) {
            assertClose(whole.gradient(MODEL, task, RAGGED, names), cut.gradient(MODEL, task, RAGGED, names), 2e-6);
        }
    }

    @Test
    void equalLengthsNeedNoRectangle() {
        TokenBatch even =
                new TokenBatch(List.of(new int[] {3, 17, 3}, new int[] {5, 9, 17}), new int[] {0, 2}, new int[] {2, 0});
        try (TransformerGradient oracle = new TransformerGradient()) {
            String name = ParameterNames.queryKeyValue(0);
            Map<String, Tensor> gradient = oracle.gradient(MODEL, Task.NEXT_TOKEN, even, Set.of(name));
            double[] expected = finiteDifferences(name, Task.NEXT_TOKEN, even, 5);
            assertWithin(name, expected, get(gradient, name).data(), 5, 1e-4);
        }
    }

    @Test
    void hiddenStatesAgreeWithFloat64() {
        Float64Transformer exact = new Float64Transformer(MODEL);
        try (TransformerGradient oracle = new TransformerGradient(1)) {
            List<Tensor> states = oracle.hiddenStates(MODEL, RAGGED);
            for (int s = 0; s < states.size(); s++) {
                double[][] expected = exact.hiddenStates(RAGGED.sequences().get(s), RAGGED.offsets()[s]);
                assertEquals(expected.length, states.get(s).rows());
                for (int i = 0; i < expected.length; i++) {
                    for (int j = 0; j < 16; j++) {
                        double difference =
                                Math.abs(expected[i][j] - states.get(s).data()[i * 16 + j]);
                        assertTrue(difference <= 2e-5, "sequence " + s + " row " + i + ": " + difference);
                    }
                }
            }
        }
    }

    @Test
    void anotherModelReplacesTheFirst() {
        PublicModel other = TinyModel.of(1, 12, 3, 32, 12, 3, 8);
        Set<String> names = Set.of(ParameterNames.CLASSIFIER);
        try (TransformerGradient oracle = new TransformerGradient()) {
            Map<String, Tensor> first = oracle.gradient(MODEL, Task.CLASSIFICATION, RAGGED, names);
            assertEquals(
                    12,
                    get(oracle.gradient(other, Task.CLASSIFICATION, RAGGED, names), ParameterNames.CLASSIFIER)
                            .rows());
            assertEquals(first, oracle.gradient(MODEL, Task.CLASSIFICATION, RAGGED, names));
        }
    }

    @Test
    void memoryStaysFlat() throws IOException {
        PublicModel model = TinyModel.of(2, 64, 4, 2000, 40, 2, 9);
        int[] sequence = new int[32];
        for (int i = 0; i < sequence.length; i++) {
            sequence[i] = 101 * i % 2000;
        }
        TokenBatch batch =
                new TokenBatch(List.of(sequence, sequence, new int[] {1, 2, 3}), new int[3], new int[] {0, 1, 0});
        Set<String> names = Set.of(ParameterNames.queryKeyValue(0));
        try (TransformerGradient oracle = new TransformerGradient()) {
            for (int i = 0; i < 15; i++) {
                oracle.gradient(model, Task.NEXT_TOKEN, batch, names);
            }
            long before = residentKiB();
            for (int i = 0; i < 50; i++) {
                oracle.gradient(model, Task.NEXT_TOKEN, batch, names);
            }
            long growth = residentKiB() - before;
            // One call's graph holds about 2.8 MiB, so a leak of it shows as 140 MiB; what Java keeps is 48 KiB a call.
            assertTrue(growth < 30 * 1024, "resident memory grew by " + growth + " KiB over 50 calls");
        }
    }

    @Test
    void badBatchesAreNamed() {
        try (TransformerGradient oracle = new TransformerGradient()) {
            Set<String> names = Set.of(ParameterNames.queryKeyValue(0));
            assertMessage("vocabulary", () -> oracle.gradient(MODEL, Task.NEXT_TOKEN, batch(0, 0, 1, 32), names));
            assertMessage("positions", () -> oracle.gradient(MODEL, Task.NEXT_TOKEN, batch(10, 0, 1, 2, 3), names));
            assertMessage("classes", () -> oracle.gradient(MODEL, Task.CLASSIFICATION, batch(0, 3, 1), names));
            assertMessage("at least 2", () -> oracle.gradient(MODEL, Task.NEXT_TOKEN, batch(0, 0, 1), names));
            assertMessage("is empty", () -> oracle.gradient(MODEL, Task.NEXT_TOKEN, batch(0, 0), names));
            assertMessage(
                    "h.2",
                    () -> oracle.gradient(MODEL, Task.NEXT_TOKEN, RAGGED, Set.of(ParameterNames.queryKeyValue(2))));
            assertMessage(
                    "score.weight",
                    () -> oracle.gradient(MODEL, Task.NEXT_TOKEN, RAGGED, Set.of(ParameterNames.CLASSIFIER)));
        }
    }

    private static TokenBatch batch(int offset, int label, int... tokens) {
        return new TokenBatch(List.of(tokens), new int[] {offset}, new int[] {label});
    }

    private static void assertMessage(String part, Runnable call) {
        AttackException failure = assertThrows(AttackException.class, call::run);
        assertTrue(String.valueOf(failure.getMessage()).contains(part), failure.getMessage());
    }

    private static Set<String> namesFor(Task task) {
        Set<String> names = new java.util.HashSet<>(MODEL.weights().names());
        if (task == Task.NEXT_TOKEN) {
            names.remove(ParameterNames.CLASSIFIER);
        }
        return names;
    }

    private static void assertAgrees(Task task, Map<String, Tensor> gradient) {
        for (Map.Entry<String, Tensor> entry : gradient.entrySet()) {
            // 7 shares no factor with the widths, so that every column and row is met.
            int stride = entry.getValue().data().length > 200 ? 7 : 1;
            double[] expected = finiteDifferences(entry.getKey(), task, RAGGED, stride);
            assertWithin(entry.getKey(), expected, entry.getValue().data(), stride, 1e-4);
        }
    }

    /** Central differences at step 1e-4: truncation 1e-8 and rounding 1e-12 relative, far below float32's. */
    private static double[] finiteDifferences(String name, Task task, TokenBatch batch, int stride) {
        Float64Transformer exact = new Float64Transformer(MODEL);
        double[] values = Objects.requireNonNull(exact.parameters.get(name));
        double step = 1e-4;
        double[] result = new double[values.length];
        for (int i = 0; i < values.length; i += stride) {
            double value = values[i];
            values[i] = value + step;
            double above = exact.loss(task, batch);
            values[i] = value - step;
            double below = exact.loss(task, batch);
            values[i] = value;
            result[i] = (above - below) / (2 * step);
        }
        return result;
    }

    private static void assertClose(Map<String, Tensor> expected, Map<String, Tensor> actual, double tolerance) {
        assertEquals(expected.keySet(), actual.keySet());
        for (String name : expected.keySet()) {
            float[] values = get(expected, name).data();
            double[] exact = new double[values.length];
            for (int i = 0; i < exact.length; i++) {
                exact[i] = values[i];
            }
            assertWithin(name, exact, get(actual, name).data(), 1, tolerance);
        }
    }

    /** Differences within {@code tolerance} of the largest expected value, which is not 0. */
    private static void assertWithin(String name, double[] expected, float[] actual, int stride, double tolerance) {
        double largest = 0;
        for (double value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        assertTrue(largest > 1e-6, name + " has no gradient to compare");
        for (int i = 0; i < expected.length; i += stride) {
            double difference = Math.abs(expected[i] - actual[i]);
            assertTrue(
                    difference <= tolerance * largest,
                    name + "[" + i + "]: expected " + expected[i] + ", got " + actual[i]);
        }
    }

    private static Tensor get(Map<String, Tensor> gradient, String name) {
        return Objects.requireNonNull(gradient.get(name), name);
    }

    private static long residentKiB() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }
}
