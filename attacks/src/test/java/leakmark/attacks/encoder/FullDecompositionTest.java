package leakmark.attacks.encoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import leakmark.kernels.DeviceMatrix;
import leakmark.kernels.KernelProvider;
import leakmark.kernels.KernelProviders;
import leakmark.kernels.Matrix;
import leakmark.kernels.RowSpace;
import org.junit.jupiter.api.Test;

/** Gradients put together from known directions: cosines of different frequency are orthonormal. */
class FullDecompositionTest {
    private static final int D = 600;
    private static final int RANK = 240;

    private static double direction(int k, int i) {
        return Math.sqrt(2.0 / D) * Math.cos(Math.PI * (i + 0.5) * (k + 1) / D);
    }

    /** Singular values fall from 1 to {@code last}; noise of the given standard deviation is on every entry. */
    private static Matrix gradient(double last, double noise) {
        Random random = new Random(5);
        double[] sum = new double[D * D];
        for (int k = 0; k < RANK; k++) {
            double value = Math.pow(last, k / (RANK - 1.0));
            for (int i = 0; i < D; i++) {
                double left = value * direction(k, i);
                for (int j = 0; j < D; j++) {
                    sum[i * D + j] += left * direction((k * 7 + 3) % RANK, j);
                }
            }
        }
        Matrix gradient = Matrix.zeros(D, D);
        for (int i = 0; i < sum.length; i++) {
            gradient.data()[i] = (float) (sum[i] + noise * random.nextGaussian());
        }
        return gradient;
    }

    @Test
    void findsTheGapThatASampleOfColumnsDoesNotShow() {
        // Noise alone has singular values up to σ(√d + √(d − r)): a twelfth of the weakest direction.
        double last = 5e-7;
        Matrix gradient = gradient(last, last / 12 / (Math.sqrt(D) + Math.sqrt(D - RANK)));
        KernelProvider vector = KernelProviders.byName("vector");
        try (DeviceMatrix uploaded = vector.upload(gradient);
                RowSpace sampled = vector.spanProjection().rowSpace(uploaded)) {
            assertFalse(sampled.decision().hasGap());
        }
        RowSpace space = FullDecomposition.of(gradient);
        assertEquals(RANK, space.rank());
        double[] basis = space.basis();
        for (int k = 0; k < RANK; k++) {
            double inside = 0;
            for (int q = 0; q < RANK; q++) {
                double along = 0;
                for (int i = 0; i < D; i++) {
                    along += basis[q * D + i] * direction(k, i);
                }
                inside += along * along;
            }
            // Noise turns the weakest direction by a twelfth at most.
            assertTrue(Math.abs(inside - 1) <= 1 / 144.0 + 1e-6, k + ": " + inside);
        }
    }

    @Test
    void aSpaceThatRunsIntoNoiseHasNoGap() {
        Matrix gradient = gradient(5e-7, 5e-7 / 2 / (Math.sqrt(D) + Math.sqrt(D - RANK)));
        assertFalse(FullDecomposition.of(gradient).decision().hasGap());
    }

    @Test
    void aFullSpaceHasNoGap() {
        Random random = new Random(6);
        Matrix gradient = Matrix.zeros(48, 144);
        for (int i = 0; i < gradient.data().length; i++) {
            gradient.data()[i] = (float) random.nextGaussian();
        }
        assertFalse(FullDecomposition.of(gradient).decision().hasGap());
    }
}
