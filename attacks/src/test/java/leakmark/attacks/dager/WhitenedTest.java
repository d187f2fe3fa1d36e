package leakmark.attacks.dager;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Objects;
import java.util.Random;
import leakmark.attacks.defences.Protection;
import leakmark.attacks.model.Tensor;
import leakmark.kernels.Matrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WhitenedTest {
    private static final int D = 40;
    private static final int M = 90;

    /** Rank one times lognormal scales, as a gradient's strongest direction is. */
    private static Tensor uneven() {
        Random random = new Random(8);
        double[] rows = random.doubles(D).map(u -> Math.exp(6 * u - 3)).toArray();
        double[] columns =
                random.doubles(M).map(u -> 1e-2 * Math.exp(4 * u - 2)).toArray();
        float[] data = new float[D * M];
        for (int i = 0; i < data.length; i++) {
            data[i] = (float) (rows[i / M] * columns[i % M] * (1 + 0.3 * random.nextGaussian()));
        }
        return Tensor.matrix(D, M, data);
    }

    /** Largest over smallest root mean square of the rows. */
    private static double spread(float[] errors) {
        double least = Double.POSITIVE_INFINITY;
        double most = 0;
        for (int e = 0; e < D; e++) {
            double sum = 0;
            for (int j = 0; j < M; j++) {
                sum += (double) errors[e * M + j] * errors[e * M + j];
            }
            least = Math.min(least, Math.sqrt(sum));
            most = Math.max(most, Math.sqrt(sum));
        }
        return most / least;
    }

    @ParameterizedTest
    @ValueSource(strings = {"bf16", "fp16"})
    void errorsBecomeAlike(String precision) {
        Tensor exact = uneven();
        Tensor rounded = Objects.requireNonNull(
                Protection.parse(precision).apply(Map.of("w", exact), 1).get("w"));
        Whitened whitened = Whitened.of(rounded);
        float[] before = new float[D * M];
        float[] after = new float[D * M];
        for (int i = 0; i < before.length; i++) {
            before[i] = rounded.data()[i] - exact.data()[i];
            // What an entry was divided by shows in the entry itself.
            after[i] = before[i] * whitened.gradient().data()[i] / rounded.data()[i];
        }
        assertTrue(spread(before) > 20, () -> "before " + spread(before));
        assertTrue(spread(after) < 2.5, () -> "after " + spread(after));
        float[] vector = new float[D];
        vector[3] = 5;
        assertEquals(5 / whitened.rows()[3], whitened.seen(vector)[3]);
    }

    @Test
    void fullPrecisionStays() {
        Tensor exact = uneven();
        Whitened whitened = Whitened.of(exact);
        assertTrue(whitened.isPlain());
        assertArrayEquals(exact.data(), whitened.gradient().data());
        Matrix vectors = Matrix.zeros(2, D);
        assertSame(vectors, whitened.seen(vectors));
    }
}
