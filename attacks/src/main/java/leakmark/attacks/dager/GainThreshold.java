package leakmark.attacks.dager;

import leakmark.kernels.Matrix;
import leakmark.kernels.dense.DenseAlgebra;

/**
 * How large a gain the best of N random directions reaches. A random unit vector's gain on a matrix R (r × d) is
 * distributed as {@code Σ λ_k χ²} with λ the eigenvalues of {@code R Rᵀ/d}; by Laurent and Massart (2000) it exceeds
 * {@code Σλ + 2√(x Σλ²) + 2 x max λ} with a probability below e^{−x}. The noise itself, of variance 1
 * on m columns, gives any direction a gain of χ²_m, whose rise above its mean the same bound limits.
 */
final class GainThreshold {
    /** Expected number of false directions, by a bound that is generous itself. */
    private static final double FALSE = 1;

    private GainThreshold() {}

    /**
     * The gain that is not chance among {@code tried} directions.
     *
     * @param columns m
     */
    static double of(Matrix rows, int columns, double tried) {
        return Math.max(ofSignal(rows, tried), ofNoise(columns, tried));
    }

    /** The gain on a matrix that the best of {@code tried} random directions has. */
    static double ofSignal(Matrix rows, double tried) {
        int r = rows.rows();
        int d = rows.columns();
        if (r == 0) {
            return Double.POSITIVE_INFINITY;
        }
        double[] values = DenseAlgebra.singular(rows).values();
        double sum = 0;
        double squares = 0;
        for (double value : values) {
            double eigenvalue = value * value / d;
            sum += eigenvalue;
            squares += eigenvalue * eigenvalue;
        }
        double x = Math.log(Math.max(tried, 1) / FALSE);
        return sum + 2 * Math.sqrt(x * squares) + 2 * x * values[0] * values[0] / d;
    }

    /**
     * The gain that noise of variance 1 gives the best of {@code tried} directions.
     *
     * @param columns m
     */
    static double ofNoise(int columns, double tried) {
        double x = Math.log(Math.max(tried, 1) / FALSE);
        return 2 * Math.sqrt(columns * x) + 2 * x;
    }
}
