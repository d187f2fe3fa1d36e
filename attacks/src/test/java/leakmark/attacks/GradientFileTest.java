package leakmark.attacks;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import leakmark.attacks.model.ModelConfiguration;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.SafeTensors;
import leakmark.attacks.model.SeededWeights;
import leakmark.attacks.model.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GradientFileTest {
    private static final ModelConfiguration CONFIGURATION = new ModelConfiguration("x", 1, 4, 2, 7, 3, 16, 3, 1e-5);
    private static final PublicModel MODEL = new PublicModel(CONFIGURATION, new SeededWeights(CONFIGURATION, 1));
    private static final Map<String, String> OURS = Map.of("format", "leakmark-gradient/1", "task", "next-token");

    /** d × labels = 4 × 3. */
    private static final Tensor CLASSIFIER = Tensor.matrix(4, 3, new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});

    private static final Tensor CLASSIFIER_STORED =
            Tensor.matrix(3, 4, new float[] {1, 4, 7, 10, 2, 5, 8, 11, 3, 6, 9, 12});

    private static final Tensor SHIFT = Tensor.vector(0, -1, 0, 0x1p-149f);

    @TempDir
    Path directory;

    private Path file(Map<String, Tensor> tensors, Map<String, String> metadata) {
        Path file = directory.resolve("gradient.safetensors");
        SafeTensors.write(file, tensors, metadata);
        return file;
    }

    private String refused(Map<String, Tensor> tensors) {
        return refused(file(tensors, OURS), null);
    }

    private static String refused(Path file, @Nullable Task task) {
        String message = Refusal.of(() -> GradientFile.read(file, MODEL, task));
        assertTrue(message.startsWith(file.toString()), message);
        return message.substring(file.toString().length());
    }

    @Test
    void writesWhatPyTorchWouldStore() {
        Path file = directory.resolve("g.safetensors");
        SharedGradient gradient =
                new SharedGradient(Task.CLASSIFICATION, Map.of("score.weight", CLASSIFIER, "ln_f.bias", SHIFT));
        GradientFile.write(file, gradient, Map.of("model", "x", "seed", "1"));
        try (SafeTensors stored = SafeTensors.open(file)) {
            assertEquals(CLASSIFIER_STORED, stored.get("score.weight"));
            assertEquals(SHIFT, stored.get("ln_f.bias"));
            assertEquals(
                    Map.of("format", "leakmark-gradient/1", "task", "classification", "model", "x", "seed", "1"),
                    stored.metadata());
        }
        assertEquals(gradient, GradientFile.read(file, MODEL));
        assertEquals(gradient, GradientFile.read(file, MODEL, Task.CLASSIFICATION));
        assertEquals(Map.of("model", "x", "seed", "1"), GradientFile.provenance(file));
    }

    @Test
    void writesTheSameBytesForTheSameGradient() throws Exception {
        Path one = directory.resolve("1");
        Path two = directory.resolve("2");
        Map<String, Tensor> tensors =
                Map.of("score.weight", CLASSIFIER, "ln_f.bias", SHIFT, "ln_f.weight", SHIFT, "h.0.ln_1.bias", SHIFT);
        GradientFile.write(one, new SharedGradient(Task.NEXT_TOKEN, tensors), Map.of("b", "2", "a", "1"));
        GradientFile.write(two, GradientFile.read(one, MODEL), Map.of("a", "1", "b", "2"));
        assertArrayEquals(Files.readAllBytes(one), Files.readAllBytes(two));
    }

    @ParameterizedTest
    @ValueSource(strings = {"format", "task"})
    void provenanceCannotLieAboutTheFile(String key) {
        SharedGradient gradient = new SharedGradient(Task.NEXT_TOKEN, Map.of("ln_f.bias", SHIFT));
        Path file = directory.resolve("g");
        assertThrows(IllegalArgumentException.class, () -> GradientFile.write(file, gradient, Map.of(key, "x")));
        assertTrue(Files.notExists(file));
    }

    @Test
    void readsAPyTorchUsersFile() {
        Path file =
                file(Map.of("score.weight", CLASSIFIER_STORED, "transformer.ln_f.bias", SHIFT), Map.of("format", "pt"));
        SharedGradient gradient = GradientFile.read(file, MODEL, Task.CLASSIFICATION);
        assertEquals(
                new SharedGradient(Task.CLASSIFICATION, Map.of("score.weight", CLASSIFIER, "ln_f.bias", SHIFT)),
                gradient);
        assertEquals(Map.of("format", "pt"), GradientFile.provenance(file));
        assertEquals(
                ": does not say what was trained; give the task, classification or next-token", refused(file, null));
    }

    @Test
    void refusesContradictoryMetadata() {
        Map<String, Tensor> tensors = Map.of("ln_f.bias", SHIFT);
        assertEquals(
                ": was made for the task next-token, but classification was given",
                refused(file(tensors, OURS), Task.CLASSIFICATION));
        assertTrue(refused(file(tensors, Map.of("format", "leakmark-gradient/2")), Task.NEXT_TOKEN)
                .contains("has the format leakmark-gradient/2"));
        assertTrue(refused(file(tensors, Map.of("format", "leakmark-gradient/1")), Task.NEXT_TOKEN)
                .contains("unknown task none"));
        assertTrue(refused(file(tensors, Map.of("format", "leakmark-gradient/1", "task", "a\nb")), null)
                .contains("unknown task a?b"));
    }

    @Test
    void refusesGradientsOfAnotherModel() {
        assertEquals(
                ": tensor score.weight has the shape [4, 3], the model's is [3, 4]",
                refused(Map.of("score.weight", CLASSIFIER)));
        assertEquals(
                ": tensor wte.weight has the shape [4], the model's is [7, 4]", refused(Map.of("wte.weight", SHIFT)));
        assertTrue(refused(Map.of("h.1.ln_1.bias", SHIFT)).contains("h.1.ln_1.bias is no parameter of model x"));
        assertTrue(refused(Map.of("lm_head.weight", SHIFT)).contains("lm_head.weight is no parameter of model x"));
        assertTrue(refused(Map.of("ln_f.bias", SHIFT, "transformer.ln_f.bias", SHIFT))
                .contains("holds the gradient of ln_f.bias twice"));
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void refusesValuesThatAreNoNumbers(float value) {
        String message = refused(Map.of("ln_f.bias", Tensor.vector(0, 1, 2, value), "ln_f.weight", SHIFT));
        assertTrue(message.contains("gradient of ln_f.bias has the value " + value + " at position 3"), message);
    }

    @Test
    void refusesNothing() {
        assertEquals(": holds no gradient at all", refused(Map.of()));
        Tensor zero = Tensor.vector(0, -0f, 0, 0);
        assertEquals(
                ": every gradient is zero; nothing can be recovered from it",
                refused(Map.of("ln_f.bias", zero, "ln_f.weight", zero)));
        Path one = file(Map.of("ln_f.bias", zero, "ln_f.weight", SHIFT), OURS);
        assertEquals(zero, GradientFile.read(one, MODEL).get("ln_f.bias"));
        assertTrue(refused(directory.resolve("absent"), null).contains("no such file"));
    }
}
