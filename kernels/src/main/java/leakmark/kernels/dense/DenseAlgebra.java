package leakmark.kernels.dense;

import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.CblasTrans;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dgels;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dgelsd;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dgesdd;
import static org.bytedeco.openblas.global.openblas.LAPACK_COL_MAJOR;
import static org.bytedeco.openblas.global.openblas.cblas_dgemm;
import static org.bytedeco.openblas.global.openblas.cblas_sgemm;

import leakmark.kernels.Matrix;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.openblas.global.openblas;

/** Matrix products and factorisations on all cores. Sizes are checked by the native code's own argument checks. */
public final class DenseAlgebra {
    static {
        openblas.blas_set_num_threads(Runtime.getRuntime().availableProcessors());
    }

    private DenseAlgebra() {}

    /**
     * Runs work that calls the library from threads of its own: each call then stays on its caller's thread. Two levels of
     * threads would wait for each other.
     */
    public static void onCallersThreads(Runnable work) {
        openblas.blas_set_num_threads(1);
        try {
            work.run();
        } finally {
            openblas.blas_set_num_threads(Runtime.getRuntime().availableProcessors());
        }
    }

    /** {@code A B} in float32. */
    public static Matrix multiply(Matrix a, Matrix b) {
        Matrix c = Matrix.zeros(a.rows(), b.columns());
        if (c.data().length > 0) {
            cblas_sgemm(
                    CblasRowMajor,
                    CblasNoTrans,
                    CblasNoTrans,
                    a.rows(),
                    b.columns(),
                    a.columns(),
                    1f,
                    a.data(),
                    a.columns(),
                    b.data(),
                    b.columns(),
                    0f,
                    c.data(),
                    b.columns());
        }
        return c;
    }

    /** {@code A Bᵀ} in float32. */
    public static Matrix multiplyTransposed(Matrix a, Matrix b) {
        Matrix c = Matrix.zeros(a.rows(), b.rows());
        if (c.data().length > 0) {
            cblas_sgemm(
                    CblasRowMajor,
                    CblasNoTrans,
                    CblasTrans,
                    a.rows(),
                    b.rows(),
                    a.columns(),
                    1f,
                    a.data(),
                    a.columns(),
                    b.data(),
                    b.columns(),
                    0f,
                    c.data(),
                    b.rows());
        }
        return c;
    }

    /**
     * Thin singular value decomposition {@code Y = U diag(σ) Vᵀ}.
     *
     * @param values σ, falling
     * @param left U, m × min(m, n), column-major
     */
    public record Singular(double[] values, double[] left) {}

    /** Decomposes Y (m × n, column-major), which is overwritten. */
    public static Singular singular(double[] y, int m, int n) {
        int steps = Math.min(m, n);
        double[] values = new double[steps];
        double[] left = new double[m * steps];
        // Its many small parallel steps stall for seconds when another process holds a core; alone it takes
        // milliseconds.
        openblas.blas_set_num_threads(1);
        try {
            check(
                    "dgesdd",
                    LAPACKE_dgesdd(
                            LAPACK_COL_MAJOR, (byte) 'S', m, n, y, m, values, left, m, new double[steps * n], steps));
        } finally {
            openblas.blas_set_num_threads(Runtime.getRuntime().availableProcessors());
        }
        return new Singular(values, left);
    }

    /** A float64 matrix outside the heap, so that products with it need no copy. Freed with its owner. */
    public static final class Resident {
        private final int rows;
        private final int columns;
        private final DoublePointer values;

        /** Widens row-major float32 values. */
        public Resident(int rows, int columns, float[] data) {
            this.rows = rows;
            this.columns = columns;
            this.values = new DoublePointer((long) rows * columns);
            double[] row = new double[columns];
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < columns; j++) {
                    row[j] = data[i * columns + j];
                }
                values.position((long) i * columns).put(row, 0, columns);
            }
            values.position(0);
        }

        /** Number of columns. */
        public int columns() {
            return columns;
        }

        /** {@code Y = X W + 1 bᵀ} for n rows of X, in float64. */
        public double[] affine(double[] x, int n, float[] bias) {
            try (DoublePointer in = new DoublePointer(x);
                    DoublePointer out = new DoublePointer((long) n * columns)) {
                cblas_dgemm(
                        CblasRowMajor,
                        CblasNoTrans,
                        CblasNoTrans,
                        n,
                        columns,
                        rows,
                        1.0,
                        in,
                        rows,
                        values,
                        columns,
                        0.0,
                        out,
                        columns);
                double[] y = new double[n * columns];
                out.get(y);
                for (int i = 0; i < y.length; i++) {
                    y[i] += bias[i % columns];
                }
                return y;
            }
        }
    }

    /**
     * Minimum-norm least squares {@code min ‖A x − b‖} for each column of B.
     *
     * @param a m × n, column-major; overwritten
     * @param b m × columns, column-major
     * @return n × columns, column-major
     */
    public static double[] leastSquares(double[] a, int m, int n, double[] b, int columns) {
        int ld = Math.max(m, n);
        double[] work = new double[ld * columns];
        for (int c = 0; c < columns; c++) {
            System.arraycopy(b, c * m, work, c * ld, m);
        }
        double[] singular = new double[Math.min(m, n)];
        check("dgelsd", LAPACKE_dgelsd(LAPACK_COL_MAJOR, m, n, columns, a, m, work, ld, singular, 1e-10, new int[1]));
        double[] x = new double[n * columns];
        for (int c = 0; c < columns; c++) {
            System.arraycopy(work, c * ld, x, c * n, n);
        }
        return x;
    }

    /**
     * A least-squares solution.
     *
     * @param solution n × columns, column-major
     * @param relativeRest {@code ‖A X − B‖ / ‖B‖}, Frobenius
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Fit(double[] solution, double relativeRest) {}

    /**
     * Least squares {@code min ‖A X − B‖} by QR, for an A of full column rank: 2·m·n·(n + 2·columns) FLOP.
     *
     * @param a m × n with n ≤ m, column-major; overwritten
     * @param b m × columns, column-major; overwritten
     */
    public static Fit fullRankLeastSquares(double[] a, int m, int n, double[] b, int columns) {
        double whole = squares(b, 0, b.length);
        check("dgels", LAPACKE_dgels(LAPACK_COL_MAJOR, (byte) 'N', m, n, columns, a, m, b, m));
        double[] x = new double[n * columns];
        double rest = 0;
        for (int c = 0; c < columns; c++) {
            System.arraycopy(b, c * m, x, c * n, n);
            // Below the solution stand the residual's coordinates.
            rest += squares(b, c * m + n, (c + 1) * m);
        }
        return new Fit(x, whole == 0 ? 0 : Math.sqrt(rest / whole));
    }

    private static double squares(double[] values, int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += values[i] * values[i];
        }
        return sum;
    }

    private static void check(String routine, int info) {
        if (info != 0) {
            throw new ArithmeticException(routine + " returned " + info);
        }
    }
}
