package leakmark.attacks.dager;

import java.util.Arrays;
import leakmark.attacks.model.Tensor;
import leakmark.kernels.Matrix;
import leakmark.kernels.dense.DenseAlgebra;

/**
 * Entries that were not sent, from those that were: a gradient has low rank, so the kept entries are equations for the rest.
 *
 * <p>Each round decomposes the filled matrix, shrinks its singular values at the noise edge, and fills the gaps with what
 * that gives. Where the largest entries were kept, no gap is larger than the least of them.
 */
final class LowRankCompletion {
    /** A float gradient has next to no exact zeros; more than this part were not sent. */
    private static final double SPARSE = 0.02;
    /** Magnitudes begin this far above zero, relative to their median, where the largest were kept. */
    private static final double CUT = 1e-2;

    private static final int ROUNDS = 12;

    private LowRankCompletion() {}

    /** True if entries are missing. */
    static boolean isSparse(Tensor gradient) {
        int zeros = 0;
        for (float value : gradient.data()) {
            zeros += value == 0 ? 1 : 0;
        }
        return zeros > SPARSE * gradient.data().length;
    }

    /** The filled gradient, d × m. */
    static Tensor complete(Tensor sent) {
        int d = sent.rows();
        int m = sent.columns();
        float largestGap = largestGap(sent.data());
        float[] filled = sent.data().clone();
        for (int round = 0; round < ROUNDS; round++) {
            SignalSubspace signal = SignalSubspace.of(new Tensor(sent.shape(), filled));
            if (signal.rank() == 0) {
                break;
            }
            Matrix estimate = shrunk(signal, new Matrix(d, m, filled));
            for (int i = 0; i < filled.length; i++) {
                if (sent.data()[i] == 0) {
                    filled[i] = Math.max(-largestGap, Math.min(largestGap, estimate.data()[i]));
                }
            }
        }
        return new Tensor(sent.shape(), filled);
    }

    /** {@code Σ_k u_k (η_k/y_k) u_kᵀ G}. */
    private static Matrix shrunk(SignalSubspace signal, Matrix filled) {
        int d = filled.rows();
        Matrix projected = DenseAlgebra.multiply(signal.rows(), filled);
        Matrix back = Matrix.zeros(d, signal.rank());
        for (int k = 0; k < signal.rank(); k++) {
            double y = signal.values()[k] / signal.noise();
            double square = 0;
            for (int e = 0; e < d; e++) {
                square += (double) signal.rows().at(k, e) * signal.rows().at(k, e);
            }
            // The rows are η u: one factor 1/η makes the projection, 1/y the shrinkage.
            double factor = square == 0 ? 0 : 1 / (Math.sqrt(square) * y);
            for (int e = 0; e < d; e++) {
                back.data()[e * signal.rank() + k] =
                        (float) (factor * signal.rows().at(k, e));
            }
        }
        return DenseAlgebra.multiply(back, projected);
    }

    /** The least magnitude that was kept, or infinity where masks were random. */
    private static float largestGap(float[] sent) {
        float[] magnitudes = new float[sent.length];
        int kept = 0;
        for (float value : sent) {
            if (value != 0) {
                magnitudes[kept++] = Math.abs(value);
            }
        }
        if (kept == 0) {
            return 0;
        }
        Arrays.sort(magnitudes, 0, kept);
        return magnitudes[0] > CUT * magnitudes[kept / 2] ? magnitudes[0] : Float.POSITIVE_INFINITY;
    }
}
