package leakmark.kernels;

import java.util.Random;

/** Random inputs of tests. */
final class Data {
    private Data() {}

    static Matrix gaussian(int rows, int columns, double std, long seed) {
        Random random = new Random(seed);
        float[] data = new float[rows * columns];
        for (int i = 0; i < data.length; i++) {
            data[i] = (float) (std * random.nextGaussian());
        }
        return new Matrix(rows, columns, data);
    }

    /** A product in float64, rounded once. */
    static Matrix product(Matrix a, Matrix b) {
        Matrix c = Matrix.zeros(a.rows(), b.columns());
        for (int i = 0; i < a.rows(); i++) {
            for (int j = 0; j < b.columns(); j++) {
                double sum = 0;
                for (int k = 0; k < a.columns(); k++) {
                    sum += (double) a.at(i, k) * b.at(k, j);
                }
                c.data()[i * b.columns() + j] = (float) sum;
            }
        }
        return c;
    }

    /** Tables of random tokens and positions, with the 1/σ that LayerNorm would give. */
    static PrefixTables tables(int tokens, int positions, int heads, int headSize, int columns, long seed) {
        int d = heads * headSize;
        Random random = new Random(seed);
        float[] inverse = new float[tokens * positions];
        for (int i = 0; i < inverse.length; i++) {
            inverse[i] = (float) (0.5 + random.nextDouble());
        }
        return new PrefixTables(
                heads,
                gaussian(tokens, 3 * d, 1, seed + 1),
                gaussian(positions, 3 * d, 0.5, seed + 2),
                gaussian(1, 3 * d, 0.2, seed + 3).data(),
                new Matrix(tokens, positions, inverse),
                gaussian(d, columns, 1 / Math.sqrt(d), seed + 4));
    }
}
