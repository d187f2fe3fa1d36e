package leakmark.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import leakmark.kernels.scalar.ScalarHostVectors;
import leakmark.kernels.vector.SimdHostVectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class HostVectorsTest {
    static Stream<Arguments> cases() {
        return Stream.of(new ScalarHostVectors(), new SimdHostVectors())
                .flatMap(vectors -> IntStream.of(0, 1, 15, 16, 17, 63, 64, 65, 702, 3082, 4095, 4096, 4097, 9001)
                        .mapToObj(n -> Arguments.of(vectors, n)));
    }

    /** The order of summation is free; a lane sums at most 128 products before float64 takes over. */
    @ParameterizedTest
    @MethodSource("cases")
    void bothAreTheFloat64Sums(HostVectors vectors, int n) {
        float[] a = gaussian(n, 1);
        float[] b = gaussian(n, 2);
        float[] next = gaussian(n, 3);
        near(vectors.dot(a, b), a, b);

        float[] y = a.clone();
        double dot = vectors.addScaledThenDot(y, -0.37f, b, next);
        float[] expected = new float[n];
        for (int i = 0; i < n; i++) {
            expected[i] = (float) (a[i] + -0.37f * (double) b[i]);
        }
        // float64 holds the product exactly; its sum with a may round twice, by half an ulp of a float each.
        for (int i = 0; i < n; i++) {
            assertTrue(Math.abs(expected[i] - y[i]) <= Math.ulp(expected[i]), n + ": " + i);
        }
        near(dot, y, next);
    }

    private static void near(double actual, float[] a, float[] b) {
        double sum = 0;
        double magnitude = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
            magnitude += Math.abs((double) a[i] * b[i]);
        }
        assertTrue(Math.abs(actual - sum) <= 0x1p-17 * magnitude, actual + " for " + sum);
    }

    private static float[] gaussian(int n, long seed) {
        Random random = new Random(seed);
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    @Test
    void nothingButYIsWritten() {
        float[] x = gaussian(100, 4);
        float[] next = gaussian(100, 5);
        HostVectors.best().addScaledThenDot(new float[100], 2, x, next);
        assertArrayEquals(gaussian(100, 4), x);
        assertArrayEquals(gaussian(100, 5), next);
    }
}
