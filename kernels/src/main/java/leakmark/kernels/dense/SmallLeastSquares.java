package leakmark.kernels.dense;

/**
 * Least squares of a few dozen unknowns by Householder's QR, on the caller's thread. The library's calls copy operands from
 * the heap and wake its threads: for hundreds of systems of this size that takes longer than solving them.
 */
public final class SmallLeastSquares {
    private SmallLeastSquares() {}

    /**
     * {@code min ‖A X − B‖} for an A of full column rank.
     *
     * @param a m × n with n ≤ m, column-major; overwritten
     * @param b m × columns, column-major; overwritten: rows n … m−1 are left with the residuals' coordinates
     * @return n × columns, column-major
     */
    public static double[] solve(double[] a, int m, int n, double[] b, int columns) {
        double[] diagonal = new double[n];
        for (int k = 0; k < n; k++) {
            diagonal[k] = reflect(a, m, n, k, b, columns);
        }
        double[] x = new double[n * columns];
        for (int c = 0; c < columns; c++) {
            for (int k = n - 1; k >= 0; k--) {
                double value = b[c * m + k];
                for (int j = k + 1; j < n; j++) {
                    value -= a[j * m + k] * x[c * n + j];
                }
                x[c * n + k] = diagonal[k] == 0 ? 0 : value / diagonal[k];
            }
        }
        return x;
    }

    /** Brings column k to R's form and reflects what is right of it; returns R's diagonal entry. */
    private static double reflect(double[] a, int m, int n, int k, double[] b, int columns) {
        double squares = dot(a, k * m, a, k * m, k, m);
        double head = a[k * m + k];
        double diagonal = head > 0 ? -Math.sqrt(squares) : Math.sqrt(squares);
        if (diagonal == 0) {
            return 0;
        }
        // v = column − diagonal·e_k, with vᵀv = 2·(‖column‖² − head·diagonal).
        a[k * m + k] = head - diagonal;
        double scale = 1 / (squares - head * diagonal);
        for (int j = k + 1; j < n; j++) {
            add(-scale * dot(a, k * m, a, j * m, k, m), a, k * m, a, j * m, k, m);
        }
        for (int c = 0; c < columns; c++) {
            add(-scale * dot(a, k * m, b, c * m, k, m), a, k * m, b, c * m, k, m);
        }
        return diagonal;
    }

    private static double dot(double[] x, int xAt, double[] y, int yAt, int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += x[xAt + i] * y[yAt + i];
        }
        return sum;
    }

    private static void add(double factor, double[] x, int xAt, double[] y, int yAt, int from, int to) {
        for (int i = from; i < to; i++) {
            y[yAt + i] += factor * x[xAt + i];
        }
    }
}
