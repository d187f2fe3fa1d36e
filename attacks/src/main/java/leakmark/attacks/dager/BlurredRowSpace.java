package leakmark.attacks.dager;

import leakmark.attacks.model.Tensor;
import leakmark.kernels.HostRowSpace;
import leakmark.kernels.RankDecision;
import leakmark.kernels.RowSpace;
import leakmark.kernels.dense.DenseAlgebra;
import leakmark.kernels.dense.DenseAlgebra.Singular;

/**
 * The row space of an update of several local steps. Weights move between steps, so the inputs do a little, and what was a
 * gap down to rounding becomes a step in the singular values: the widest one decides, wherever it lies.
 */
final class BlurredRowSpace {
    /** A narrower step decides nothing. */
    private static final double NARROWEST = 3;

    private BlurredRowSpace() {}

    /** The space, with directions added to it. */
    static RowSpace of(Tensor gradient, float[]... append) {
        int d = gradient.rows();
        int m = gradient.columns();
        double[] columnMajor = new double[d * m];
        for (int e = 0; e < d; e++) {
            for (int j = 0; j < m; j++) {
                columnMajor[j * d + e] = gradient.data()[e * m + j];
            }
        }
        Singular singular = DenseAlgebra.singular(columnMajor, d, m);
        double[] values = singular.values();
        double norm = 0;
        for (double value : values) {
            norm += value * value;
        }
        norm = Math.sqrt(norm);
        int rank = -1;
        double widest = NARROWEST;
        // The last values of a full spectrum are far apart by chance.
        int last = Math.min(values.length, d - TokenFilter.SKETCH_COLUMNS);
        double least = norm * 0x1p-40;
        for (int i = 1; i < last; i++) {
            double ratio = Math.max(values[i - 1], least) / Math.max(values[i], least);
            if (ratio > widest) {
                widest = ratio;
                rank = i;
            }
        }
        RankDecision decision = rank < 0
                ? new RankDecision(-1, 0, values[values.length - 1] / norm, 0)
                : new RankDecision(rank, values[rank - 1] / norm, values[rank] / norm, values[rank] / norm);
        return new HostRowSpace(d, decision, basis(singular.left(), d, Math.max(rank, 0), append));
    }

    private static double[] basis(double[] left, int d, int rank, float[]... append) {
        double[] basis = java.util.Arrays.copyOf(left, d * rank);
        for (float[] direction : append) {
            double[] x = new double[d];
            double whole = 0;
            for (int e = 0; e < d; e++) {
                x[e] = direction[e];
                whole += x[e] * x[e];
            }
            int columns = basis.length / d;
            double rest = 0;
            for (int pass = 0; pass < 2; pass++) {
                for (int c = 0; c < columns; c++) {
                    double product = 0;
                    for (int e = 0; e < d; e++) {
                        product += basis[c * d + e] * x[e];
                    }
                    for (int e = 0; e < d; e++) {
                        x[e] -= product * basis[c * d + e];
                    }
                }
            }
            for (double value : x) {
                rest += value * value;
            }
            if (rest > 1e-12 * whole) {
                basis = java.util.Arrays.copyOf(basis, basis.length + d);
                for (int e = 0; e < d; e++) {
                    basis[columns * d + e] = x[e] / Math.sqrt(rest);
                }
            }
        }
        return basis;
    }
}
