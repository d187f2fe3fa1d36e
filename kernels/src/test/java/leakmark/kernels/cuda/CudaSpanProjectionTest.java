package leakmark.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import leakmark.kernels.Matrix;
import leakmark.kernels.RankDecision;
import leakmark.kernels.RowSpace;
import leakmark.kernels.SpanProjection;
import leakmark.kernels.SpanProjectionContract;
import leakmark.kernels.vector.VectorKernels;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(NoLeaks.class)
class CudaSpanProjectionTest extends SpanProjectionContract {
    @Override
    protected SpanProjection projection() {
        return new CudaKernels().spanProjection();
    }

    private static float[] gaussian(int count, long seed) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /** A gradient of rank r whose last three directions are weaker by a factor. */
    private static Matrix fading(int d, int m, int r, double factor, long seed) {
        float[] inputs = gaussian(d * r, seed);
        float[] weights = gaussian(r * m, seed + 1);
        Matrix gradient = Matrix.zeros(d, m);
        for (int i = 0; i < d; i++) {
            for (int j = 0; j < m; j++) {
                double sum = 0;
                for (int b = 0; b < r; b++) {
                    sum += (b < r - 3 ? 1 : factor) * inputs[i * r + b] * weights[b * m + j];
                }
                gradient.data()[i * m + j] = (float) sum;
            }
        }
        return gradient;
    }

    /**
     * From signal far above the noise, over signal that only the closer look sees, to signal that nobody sees: the same
     * decision, from the same evidence, as with LAPACK's singular values, and the same space.
     */
    @ParameterizedTest
    @CsvSource({
        "80, 240, 20, 1e-3", "80, 240, 20, 4e-6", "80, 240, 20, 2e-6", "80, 240, 20, 1e-6", "80, 240, 20, 5e-7",
        "80, 240, 20, 2e-7", "130, 130, 50, 2e-6", "130, 130, 50, 5e-7", "33, 99, 30, 1e-6", "160, 480, 5, 1e-6"
    })
    void decidesAsTheCpuDoes(int d, int m, int r, double factor) {
        Matrix gradient = fading(d, m, r, factor, 7L * d + r);
        SpanProjection vector = new VectorKernels().spanProjection();
        RowSpace expected = vector.rowSpace(gradient);
        try (RowSpace actual = projection().rowSpace(gradient)) {
            RankDecision e = expected.decision();
            RankDecision a = actual.decision();
            assertEquals(e.rank(), a.rank());
            // Pivots of the size of the noise carry its rounding: 1e-16 of the whole over 1e-9.
            assertEquals(e.lastKept(), a.lastKept(), 1e-5 * e.lastKept());
            assertEquals(e.firstDropped(), a.firstDropped(), 1e-5 * e.firstDropped());
            double[] q = actual.basis();
            for (double distance : vector.distances(expected, q)) {
                assertTrue(distance <= 1e-6, "outside the CPU's space by " + distance);
            }
            for (int i = 0; i < actual.rank(); i++) {
                for (int j = 0; j <= i; j++) {
                    double dot = 0;
                    for (int c = 0; c < d; c++) {
                        dot += q[i * d + c] * q[j * d + c];
                    }
                    assertEquals(i == j ? 1 : 0, dot, 1e-12);
                }
            }
        }
    }

    /** The same columns as on the CPU, so that the same tokens pass. */
    @ParameterizedTest
    @CsvSource({"40, 12, 8", "65, 20, 33", "48, 40, 8", "9, 0, 9"})
    void sketchesAsTheCpuDoes(int d, int r, int columns) {
        Matrix gradient = r == 0 ? Matrix.zeros(d, d) : fading(d, 2 * d, r, 1, d);
        SpanProjection vector = new VectorKernels().spanProjection();
        Matrix expected = vector.complementSketch(vector.rowSpace(gradient), columns, 5);
        try (RowSpace space = projection().rowSpace(gradient)) {
            Matrix actual = projection().complementSketch(space, columns, 5);
            for (int i = 0; i < expected.data().length; i++) {
                // float32 rounding of the same vectors.
                assertEquals(expected.data()[i], actual.data()[i], 1e-6);
            }
        }
    }
}
