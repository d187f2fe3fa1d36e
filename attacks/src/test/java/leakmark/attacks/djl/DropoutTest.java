package leakmark.attacks.djl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import leakmark.attacks.Task;
import leakmark.attacks.TokenBatch;
import leakmark.attacks.model.Models;
import leakmark.attacks.model.ParameterNames;
import leakmark.attacks.model.PublicModel;
import org.junit.jupiter.api.Test;

class DropoutTest {
    private static final PublicModel MODEL = Models.open("tiny", 1, 0.02);
    private static final TokenBatch BATCH =
            new TokenBatch(List.of(new int[] {5, 17, 200, 31, 8}), new int[] {0}, new int[] {1});

    /** A share p is zero, within four standard deviations, and the others keep the mean at one. */
    @Test
    void masksKeepTheMean() {
        try (NDManager manager = TorchEngine.get().newBaseManager()) {
            float[] values = new Dropout(0.3, 9)
                    .step()
                    .on(manager.ones(new Shape(100, 101)))
                    .toFloatArray();
            int zeros = 0;
            for (float value : values) {
                if (value == 0) {
                    zeros++;
                } else {
                    assertEquals(1 / 0.7, value, 1e-6);
                }
            }
            assertEquals(0.3 * values.length, zeros, 4 * Math.sqrt(0.3 * 0.7 * values.length));
        }
    }

    private static float[] gradient(TransformerGradient oracle) {
        String name = ParameterNames.queryKeyValue(0);
        try (oracle) {
            return Objects.requireNonNull(oracle.gradient(MODEL, Task.CLASSIFICATION, BATCH, Set.of(name))
                            .get(name))
                    .data();
        }
    }

    @Test
    void aStepIsItsSeeds() {
        float[] once = gradient(new TransformerGradient(new Dropout(0.1, 3)));
        assertArrayEquals(once, gradient(new TransformerGradient(new Dropout(0.1, 3))), 1e-6f);
        assertFalse(Arrays.equals(once, gradient(new TransformerGradient(new Dropout(0.1, 4)))));
        assertFalse(Arrays.equals(once, gradient(new TransformerGradient())));
    }
}
