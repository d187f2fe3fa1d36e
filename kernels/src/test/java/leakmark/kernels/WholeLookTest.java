package leakmark.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Matrices with known directions and known noise, whose edge is where random matrix theory says: σ(√d + √m). */
class WholeLookTest {
    private static final int D = 96;
    private static final int M = 288;
    private static final int RANK = 60;
    private static final double EDGE = 1e-8;

    /** Signal falls evenly from 1 to {@code weakest} along orthogonal directions, which are columns of a Hadamard matrix. */
    private static Matrix gradient(double weakest, int rank) {
        double sigma = EDGE / (Math.sqrt(D) + Math.sqrt(M));
        Random random = new Random(4);
        float[] data = new float[D * M];
        for (int i = 0; i < D; i++) {
            for (int j = 0; j < M; j++) {
                double value = sigma * random.nextGaussian();
                for (int k = 0; k < rank; k++) {
                    double size = Math.pow(weakest, (double) k / (rank - 1));
                    value += size * left(i, k) * right(j, k);
                }
                data[i * M + j] = (float) value;
            }
        }
        return new Matrix(D, M, data);
    }

    /** Orthonormal: a discrete cosine transform. */
    private static double left(int i, int k) {
        return Math.sqrt((k == 0 ? 1.0 : 2.0) / D) * Math.cos(Math.PI * (i + 0.5) * k / D);
    }

    private static double right(int j, int k) {
        return Math.sqrt((k == 0 ? 1.0 : 2.0) / M) * Math.cos(Math.PI * (j + 0.5) * k / M);
    }

    @ParameterizedTest
    @ValueSource(doubles = {5e-8, 2e-7, 1e-4})
    void findsTheStepAndTheDirections(double weakest) {
        WholeLook look = WholeLook.of(gradient(weakest, RANK));
        assertTrue(look.decision().hasGap());
        assertEquals(RANK, look.decision().rank());
        for (int k = 0; k < RANK; k++) {
            double inside = 0;
            for (int r = 0; r < RANK; r++) {
                double along = 0;
                for (int i = 0; i < D; i++) {
                    along += look.basis()[r * D + i] * left(i, k);
                }
                inside += along * along;
            }
            double outside = Math.sqrt(Math.max(0, 1 - inside));
            assertTrue(
                    outside <= look.decision().noiseToSignal() + 1e-7,
                    "direction " + k + " lies " + outside + " outside, noise to signal "
                            + look.decision().noiseToSignal());
        }
    }

    @Test
    void signalThatRunsIntoNoiseHasNoStep() {
        assertFalse(WholeLook.of(gradient(EDGE, 80)).decision().hasGap());
        assertFalse(WholeLook.of(gradient(EDGE / 100, D)).decision().hasGap());
    }

    @Test
    void zeroHasNoStep() {
        assertFalse(WholeLook.of(new Matrix(D, M, new float[D * M])).decision().hasGap());
    }
}
