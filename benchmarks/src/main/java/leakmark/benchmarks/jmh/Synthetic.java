package leakmark.benchmarks.jmh;

import java.util.SplittableRandom;
import leakmark.kernels.Matrix;

/** Random inputs of kernel benchmarks. Kernels' times depend on shapes, not on values; attacks are never fed these. */
public final class Synthetic {
    private Synthetic() {}

    /** Entries uniform in ±scale. */
    public static Matrix matrix(int rows, int columns, double scale, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Matrix result = Matrix.zeros(rows, columns);
        for (int i = 0; i < result.data().length; i++) {
            result.data()[i] = (float) ((2 * random.nextDouble() - 1) * scale);
        }
        return result;
    }

    /** A gradient {@code G = Xᵀ D} (d × m) of a rank, its directions falling by three orders as natural text's do. */
    public static Matrix gradient(int d, int m, int rank, long seed) {
        Matrix inputs = matrix(d, rank, 1, seed);
        Matrix outputs = matrix(rank, m, 1, seed + 1);
        Matrix result = Matrix.zeros(d, m);
        for (int r = 0; r < rank; r++) {
            double weight = Math.pow(10, -3.0 * r / rank);
            for (int i = 0; i < d; i++) {
                float x = (float) (weight * inputs.at(i, r));
                for (int j = 0; j < m; j++) {
                    result.data()[i * m + j] += x * outputs.data()[r * m + j];
                }
            }
        }
        return result;
    }
}
