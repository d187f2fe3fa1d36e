package leakmark.attacks.dager;

import java.util.Arrays;
import leakmark.attacks.model.Tensor;
import leakmark.kernels.Matrix;

/**
 * A gradient whose rounding errors have one variance all over: an entry of low precision is off by up to half a step of its own
 * binade, so large entries are noisier. Rows and columns are divided by the r and c whose squares' products come nearest to the
 * variances {@code step²/12} (row and column means in turn). Input vectors are then seen divided by r, and so is the dictionary.
 *
 * <p>The precision is read off the entries: trailing bits that are zero in all of them.
 *
 * @param gradient G / (r cᵀ)
 * @param rows r; ones where all errors are alike
 */
@SuppressWarnings("ArrayRecordComponent")
record Whitened(Tensor gradient, float[] rows) {
    private static final int MANTISSA = 23;
    /** Zero bits from which on precision is low: chance in a million entries leaves none. */
    private static final int FEWEST_ZEROS = 8;
    /** Smallest step of half precision; bfloat16 has float32's range. */
    private static final double HALF_STEP = 0x1p-24;

    private static final int HALF_ZEROS = 13;
    private static final int ROUNDS = 8;

    /** Whitens a gradient of low precision; another stays as it is. */
    static Whitened of(Tensor gradient) {
        int zeros = trailingZeros(gradient.data());
        int d = gradient.rows();
        int m = gradient.columns();
        float[] ones = new float[d];
        Arrays.fill(ones, 1);
        if (zeros < FEWEST_ZEROS || zeros > MANTISSA) {
            return new Whitened(gradient, ones);
        }
        double least = zeros == HALF_ZEROS ? HALF_STEP : Float.MIN_NORMAL;
        double[] rows = new double[d];
        double[] columns = new double[m];
        Arrays.fill(columns, 1);
        for (int round = 0; round < ROUNDS; round++) {
            double[] sums = new double[m];
            for (int e = 0; e < d; e++) {
                double sum = 0;
                for (int j = 0; j < m; j++) {
                    double step = step(gradient.data()[e * m + j], zeros, least) / columns[j];
                    sum += step * step / m;
                }
                rows[e] = Math.sqrt(sum);
                for (int j = 0; j < m; j++) {
                    double step = step(gradient.data()[e * m + j], zeros, least) / rows[e];
                    sums[j] += step * step / d;
                }
            }
            for (int j = 0; j < m; j++) {
                columns[j] = Math.sqrt(sums[j]);
            }
        }
        double mean = Arrays.stream(rows).map(Math::log).average().orElse(0);
        float[] scaled = new float[d * m];
        for (int e = 0; e < d; e++) {
            rows[e] /= Math.exp(mean);
            for (int j = 0; j < m; j++) {
                scaled[e * m + j] = (float) (gradient.data()[e * m + j] / (rows[e] * columns[j]));
            }
            ones[e] = (float) rows[e];
        }
        return new Whitened(new Tensor(gradient.shape(), scaled), ones);
    }

    /** True if nothing was divided. */
    boolean isPlain() {
        for (float row : rows) {
            if (row != 1) {
                return false;
            }
        }
        return true;
    }

    /** Vectors (n × d) as the whitened gradient sees them; the given ones if nothing was divided. */
    Matrix seen(Matrix vectors) {
        if (isPlain()) {
            return vectors;
        }
        int d = rows.length;
        Matrix result = Matrix.zeros(vectors.rows(), d);
        for (int i = 0; i < result.data().length; i++) {
            result.data()[i] = vectors.data()[i] / rows[i % d];
        }
        return result;
    }

    /** A vector as the whitened gradient sees it, new. */
    float[] seen(float[] vector) {
        return seen(new Matrix(1, vector.length, vector)).data().clone();
    }

    private static int trailingZeros(float[] values) {
        int bits = 0;
        for (float value : values) {
            bits |= Float.floatToRawIntBits(value);
        }
        return Integer.numberOfTrailingZeros(bits);
    }

    private static double step(float value, int zeros, double least) {
        double step = Math.scalb(1.0, Math.getExponent(value) - (MANTISSA - zeros));
        return Math.max(step, least);
    }
}
