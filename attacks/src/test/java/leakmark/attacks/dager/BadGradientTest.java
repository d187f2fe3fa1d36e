package leakmark.attacks.dager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import leakmark.attacks.AttackException;
import leakmark.attacks.GradientFile;
import leakmark.attacks.Reconstruction.RecoveredSequence;
import leakmark.attacks.Refusal;
import leakmark.attacks.SharedGradient;
import leakmark.attacks.Task;
import leakmark.attacks.client.Padding;
import leakmark.attacks.model.Models;
import leakmark.attacks.model.ParameterNames;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.Tensor;
import leakmark.attacks.text.TextFile;
import leakmark.attacks.text.TextProfile;
import leakmark.kernels.KernelProviders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Gradients that cannot be attacked get one line that says why; none gets an invented answer. */
class BadGradientTest {
    private static final PublicModel TINY = Scenario.tiny(0.05);

    private static Scenario scenario(int batchSize, int sequenceLength) {
        return Scenario.of(
                TINY,
                Task.CLASSIFICATION,
                TextFile.corpus(TextProfile.ALL),
                batchSize,
                sequenceLength,
                Padding.RIGHT,
                4);
    }

    private static String refused(SharedGradient gradient) {
        return Refusal.of(() -> new DagerAttack(KernelProviders.best()).reconstruct(TINY, gradient));
    }

    private static SharedGradient changed(SharedGradient gradient, UnaryOperator<float[]> change) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        gradient.tensors()
                .forEach((name, tensor) -> tensors.put(
                        name,
                        new Tensor(tensor.shape(), change.apply(tensor.data().clone()))));
        return new SharedGradient(gradient.task(), tensors);
    }

    private static void assertNamesTheCapacity(String message) {
        assertTrue(message.contains("no rank gap"), message);
        assertTrue(message.contains("64 of 64 "), message);
        assertTrue(message.contains("use fewer or shorter sequences"), message);
    }

    /** Standard deviation of the noise as a part of the entries' root mean square. */
    @ParameterizedTest
    @ValueSource(doubles = {0.001, 0.01, 0.1, 1})
    void noiseClosesTheGap(double part) {
        Random random = new Random(2);
        assertNamesTheCapacity(refused(changed(scenario(2, 10).gradient(), values -> {
            double squares = 0;
            for (float value : values) {
                squares += (double) value * value;
            }
            double deviation = part * Math.sqrt(squares / values.length);
            for (int i = 0; i < values.length; i++) {
                values[i] += (float) (deviation * random.nextGaussian());
            }
            return values;
        })));
    }

    @Test
    void bfloat16ClosesTheGap() {
        assertNamesTheCapacity(refused(changed(scenario(2, 10).gradient(), values -> {
            for (int i = 0; i < values.length; i++) {
                values[i] = Float.intBitsToFloat((Float.floatToIntBits(values[i]) + 0x8000) & 0xFFFF0000);
            }
            return values;
        })));
    }

    @Test
    void moreDifferentPrefixesThanTheHiddenSizeCloseTheGap() {
        assertNamesTheCapacity(refused(scenario(12, 16).gradient()));
    }

    @Test
    void aGradientThatWasNotSharedIsNamed() {
        SharedGradient whole = scenario(2, 10).gradient();
        Map<String, Tensor> tensors = new LinkedHashMap<>(whole.tensors());
        tensors.remove(ParameterNames.attentionOutput(0));
        String message = refused(new SharedGradient(whole.task(), tensors));
        assertTrue(message.contains("h.0.attn.c_proj.weight was not shared"), message);
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void notANumberIsRefusedWithItsPlace(float bad, @TempDir Path directory) {
        SharedGradient broken = changed(scenario(2, 10).gradient(), values -> {
            values[values.length - 1] = bad;
            return values;
        });
        Path file = directory.resolve("update.safetensors");
        GradientFile.write(file, broken, Map.of());
        String message = Refusal.of(() -> GradientFile.read(file, TINY));
        assertTrue(message.contains("NaN or infinities"), message);
    }

    /** Another model's gradient has a fine gap; what is in its span is no input of this model. */
    @ParameterizedTest
    @CsvSource({"tiny, 2, 10", "small, 6, 14"})
    void aWrongModelGivesNoSequence(String preset, int batchSize, int sequenceLength) {
        for (long seed = 1; seed <= 3; seed++) {
            SharedGradient gradient = Scenario.of(
                            Models.open(preset, seed, 0.05),
                            Task.CLASSIFICATION,
                            TextFile.corpus(TextProfile.ALL),
                            batchSize,
                            sequenceLength,
                            Padding.RIGHT,
                            seed)
                    .gradient();
            assertEquals(List.of(), sequences(Models.open(preset, seed + 100, 0.05), gradient));
        }
    }

    private static List<RecoveredSequence> sequences(PublicModel model, SharedGradient gradient) {
        try {
            return new DagerAttack(KernelProviders.best())
                    .reconstruct(model, gradient)
                    .sequences();
        } catch (AttackException refusal) {
            return List.of();
        }
    }
}
