package leakmark.kernels.vector;

import static leakmark.kernels.vector.Species.LANES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ExponentialTest {
    /** Lane by lane against {@link Math#exp}, the first vector of zeros as the largest. */
    @Test
    void numeratorsAreAccurate() {
        float[] x = new float[2 * LANES];
        float[] y = new float[2 * LANES];
        float[] inverse = new float[LANES];
        for (float start = 0; start > -86; start -= 0.01f * LANES) {
            for (int lane = 0; lane < LANES; lane++) {
                x[lane] = 0;
                x[LANES + lane] = Math.max(-86.9f, start - 0.01f * lane);
            }
            System.arraycopy(x, 0, y, 0, x.length);
            Exponential.softmax(y, 2, inverse);
            for (int lane = 0; lane < x.length; lane++) {
                double expected = Math.exp(x[lane]);
                assertTrue(Math.abs(y[lane] - expected) <= 3e-7 * expected, x[lane] + " gives " + y[lane]);
            }
        }
    }

    @Test
    void weightsAreThoseOfSoftmaxInEachLane() {
        int count = 7;
        Random random = new Random(3);
        float[] scores = new float[count * LANES];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = 20 * (float) random.nextGaussian();
        }
        float[] weights = scores.clone();
        float[] inverse = new float[LANES];
        Exponential.softmax(weights, count, inverse);
        for (int lane = 0; lane < LANES; lane++) {
            double largest = Double.NEGATIVE_INFINITY;
            for (int j = 0; j < count; j++) {
                largest = Math.max(largest, scores[j * LANES + lane]);
            }
            double sum = 0;
            for (int j = 0; j < count; j++) {
                sum += Math.exp(scores[j * LANES + lane] - largest);
            }
            for (int j = 0; j < count; j++) {
                double below = largest - scores[j * LANES + lane];
                double expected = Math.exp(-below) / sum;
                // The difference of two floats is rounded to 2⁻²⁴ of itself before exp sees it.
                double tolerance = (1e-6 + below * 0x1p-24) * expected + 1e-37;
                assertEquals(expected, (double) weights[j * LANES + lane] * inverse[lane], tolerance);
            }
        }
    }

    @Test
    void vanishesFarBelowTheLargest() {
        float[] scores = new float[2 * LANES];
        java.util.Arrays.fill(scores, LANES, 2 * LANES, -1e30f);
        Exponential.softmax(scores, 2, new float[LANES]);
        assertTrue(scores[LANES] >= 0 && scores[LANES] < 1e-37f);
    }
}
