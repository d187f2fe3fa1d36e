package leakmark.attacks.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VectorsTest {
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 255, 256, 257, 511, 3172, 4095, 4096, 4097, 9001})
    void dotIsTheFloat64Sum(int n) {
        Random random = new Random(n);
        float[] a = new float[n];
        float[] b = new float[n];
        double expected = 0;
        double magnitude = 0;
        for (int i = 0; i < n; i++) {
            a[i] = (float) random.nextGaussian();
            b[i] = (float) random.nextGaussian();
            expected += (double) a[i] * b[i];
            magnitude += Math.abs((double) a[i] * b[i]);
        }
        double error = Math.abs(Vectors.dot(a, b, Vectors.lanes()) - expected);
        assertTrue(error <= 17 * 0x1p-24 * magnitude, n + ": " + error);

        float[] y = a.clone();
        double fused = Vectors.addScaledThenDot(y, 0.5, b, b, Vectors.lanes());
        float[] plain = a.clone();
        Vectors.addScaled(plain, 0.5, b);
        org.junit.jupiter.api.Assertions.assertArrayEquals(plain, y);
        assertEquals(Vectors.dot(plain, b, Vectors.lanes()), fused);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 299})
    void oneValueThatIsNotFiniteIsSeen(int at) {
        float[] x = new float[300];
        assertTrue(Vectors.isFinite(x));
        java.util.Arrays.fill(x, Float.MAX_VALUE);
        assertTrue(Vectors.isFinite(x));
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            x[at] = bad;
            assertFalse(Vectors.isFinite(x));
        }
        assertEquals(300, x.length);
    }
}
