package leakmark.attacks.dager;

import leakmark.attacks.model.Tensor;
import leakmark.kernels.Matrix;
import leakmark.kernels.dense.DenseAlgebra;
import leakmark.kernels.dense.DenseAlgebra.Singular;

/**
 * The part of a noisy gradient G = Xᵀ D + E that stands above its noise.
 *
 * <p>With independent entries of variance s² the singular values of E end at {@code s (√d + √m)} (Marchenko, Pastur 1967). s
 * is what the values below that edge explain, found as a fixed point: no truth, no setting. Values y (in units of s) above it
 * are shrunk to {@code √((y² − d − m)² − 4dm)/y}, which is best in Frobenius norm (Gavish, Donoho 2017).
 *
 * @param rows r × d: left singular vectors times shrunk values, in units of the noise; {@code ‖rows x‖²/‖x‖²} is the gain in
 *     twice the log-likelihood when the unit vector along x joins the layer's inputs
 * @param columns m
 * @param noise s
 * @param edge {@code s (√d + √m)}
 * @param values all singular values, falling
 */
record SignalSubspace(Matrix rows, int columns, double noise, double edge, double[] values) {
    private static final int ROUNDS = 200;
    /** Relative edges from which on squared values are precise enough: they lose what is under 1e-8 of the largest. */
    private static final double SQUARED = 1e-6;

    /** Decomposes a gradient, d × m. */
    static SignalSubspace of(Tensor gradient) {
        int d = gradient.rows();
        int m = gradient.columns();
        Matrix matrix = new Matrix(d, m, gradient.data());
        if (d <= m) {
            SignalSubspace signal = of(DenseAlgebra.leftSingular(matrix), d, m);
            if (signal.edge > SQUARED * signal.values[0]) {
                return signal;
            }
        }
        return of(DenseAlgebra.singular(matrix), d, m);
    }

    static SignalSubspace of(Singular singular, int d, int m) {
        double[] values = singular.values();
        int rank = 0;
        double noise = 0;
        for (int round = 0; round < ROUNDS; round++) {
            noise = noise(values, rank, d, m);
            int above = above(values, noise * (Math.sqrt(d) + Math.sqrt(m)));
            if (above == rank) {
                break;
            }
            rank = above;
        }
        double edge = noise * (Math.sqrt(d) + Math.sqrt(m));
        Matrix rows = Matrix.zeros(rank, d);
        for (int k = 0; k < rank; k++) {
            double y = values[k] / noise;
            double centred = y * y - d - m;
            double weight = Math.sqrt(Math.max(centred * centred - 4.0 * d * m, 0)) / y;
            for (int e = 0; e < d; e++) {
                rows.data()[k * d + e] = (float) (weight * singular.left()[k * d + e]);
            }
        }
        return new SignalSubspace(rows, m, noise, edge, values);
    }

    /** Root mean square of what is left of d × m entries when rank directions on both sides are taken. */
    private static double noise(double[] values, int rank, int d, int m) {
        double energy = 0;
        for (int k = rank; k < values.length; k++) {
            energy += values[k] * values[k];
        }
        double free = ((double) d - rank) * ((double) m - rank);
        // A gradient without any noise has rounding at least.
        return Math.max(Math.sqrt(energy / Math.max(free, 1)), values[0] * 0x1p-40);
    }

    private static int above(double[] values, double edge) {
        int count = 0;
        while (count < values.length && values[count] > edge) {
            count++;
        }
        return Math.min(count, values.length - 1);
    }

    /**
     * How well each kept direction is known: the expected square of its cosine with the true one, {@code 1 − d(m + θ²)/(θ²(θ² +
     * d))} for a true value θ in units of the noise (Benaych-Georges, Nadakuditi 2012).
     */
    double[] overlaps() {
        double d = rows.columns();
        double m = columns;
        double[] result = new double[rank()];
        for (int k = 0; k < result.length; k++) {
            double y = values[k] / noise;
            double centred = y * y - d - m;
            double square = (centred + Math.sqrt(Math.max(centred * centred - 4 * d * m, 0))) / 2;
            result[k] = Math.max(0, 1 - d * (m + square) / (square * (square + d)));
        }
        return result;
    }

    /** r × d: left singular vectors, each times the expected cosine with the true one. */
    Matrix directions() {
        double[] overlaps = overlaps();
        Matrix directions = Matrix.zeros(rank(), dimension());
        for (int k = 0; k < rank(); k++) {
            double square = 0;
            for (int e = 0; e < dimension(); e++) {
                square += (double) rows.at(k, e) * rows.at(k, e);
            }
            double factor = square == 0 ? 0 : Math.sqrt(overlaps[k] / square);
            for (int e = 0; e < dimension(); e++) {
                directions.data()[k * dimension() + e] = (float) (factor * rows.at(k, e));
            }
        }
        return directions;
    }

    /** r. */
    int rank() {
        return rows.rows();
    }

    /** d. */
    int dimension() {
        return rows.columns();
    }
}
