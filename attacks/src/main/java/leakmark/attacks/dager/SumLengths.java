package leakmark.attacks.dager;

import leakmark.kernels.dense.DenseAlgebra;

/** Lengths ‖a_t + b_i‖ of all sums of two sets of vectors: {@code √(‖a‖² + ‖b‖² + 2 a·b)}, one matrix product in float64. */
final class SumLengths {
    private final double[] first;
    private final double[] second;
    private final double[] products;
    private final int d;

    /** Rows a_t and b_i of length d. */
    SumLengths(double[] a, double[] b, int d) {
        this.d = d;
        this.first = squares(a);
        this.second = squares(b);
        this.products = DenseAlgebra.multiplyTransposed(a, b, d);
    }

    private double[] squares(double[] rows) {
        double[] result = new double[rows.length / d];
        for (int at = 0; at < rows.length; at++) {
            result[at / d] += rows[at] * rows[at];
        }
        return result;
    }

    /** ‖a_t + b_i‖; members of a row space cancel to about √(2⁻⁵²) of their parts, far below float32's noise. */
    double of(int t, int i) {
        return Math.sqrt(Math.max(first[t] + second[i] + 2 * products[t * second.length + i], 0));
    }
}
