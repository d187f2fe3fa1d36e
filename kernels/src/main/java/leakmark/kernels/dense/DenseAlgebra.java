package leakmark.kernels.dense;

import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.CblasTrans;
import static org.bytedeco.openblas.global.openblas.CblasUpper;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dgels;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dgelsd;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dgesdd;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dsyevd;
import static org.bytedeco.openblas.global.openblas.LAPACK_COL_MAJOR;
import static org.bytedeco.openblas.global.openblas.cblas_dgemm;
import static org.bytedeco.openblas.global.openblas.cblas_dsyrk;
import static org.bytedeco.openblas.global.openblas.cblas_sgemm;

import java.util.Arrays;
import java.util.stream.IntStream;
import leakmark.kernels.Matrix;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.openblas.global.openblas;

/**
 * Matrix products on all cores, factorisations on one. Sizes are checked by the native code's own argument checks.
 *
 * <p>Products are shared out here and not by the library: its own threads go on spinning for milliseconds after each call
 * and take the cores from whatever comes next (the search was twice as slow on two cores).
 */
public final class DenseAlgebra {
    /** Multiply-adds from which on a product is shared out: 0.1 ms of one core. */
    private static final double SHARED = 3e6;

    static {
        openblas.blas_set_num_threads(1);
    }

    private DenseAlgebra() {}

    /** {@code A B} in float32. */
    public static Matrix multiply(Matrix a, Matrix b) {
        return multiply(a, b, CblasNoTrans, b.columns());
    }

    /** {@code A Bᵀ} in float32. */
    public static Matrix multiplyTransposed(Matrix a, Matrix b) {
        return multiply(a, b, CblasTrans, b.rows());
    }

    private static Matrix multiply(Matrix a, Matrix b, int transposeB, int columns) {
        try (FloatPointer right = new FloatPointer(b.data())) {
            return multiply(a, right, b.columns(), transposeB, columns);
        }
    }

    private static Matrix multiply(Matrix a, FloatPointer right, int stride, int transposeB, int columns) {
        int m = a.rows();
        int depth = a.columns();
        Matrix c = Matrix.zeros(m, columns);
        if (c.data().length == 0) {
            return c;
        }
        try (FloatPointer left = new FloatPointer(a.data());
                FloatPointer product = new FloatPointer((long) c.data().length)) {
            pieces(columns, (double) m * columns * depth, (from, to) -> {
                long start = transposeB == CblasTrans ? (long) from * depth : from;
                cblas_sgemm(
                        CblasRowMajor,
                        CblasNoTrans,
                        transposeB,
                        m,
                        to - from,
                        depth,
                        1f,
                        left,
                        depth,
                        right.getPointer(start),
                        stride,
                        0f,
                        product.getPointer(from),
                        columns);
            });
            product.get(c.data());
        }
        return c;
    }

    /** {@code A Bᵀ} in float64 for rows of length d. */
    public static double[] multiplyTransposed(double[] a, double[] b, int d) {
        int m = a.length / d;
        int n = b.length / d;
        double[] c = new double[m * n];
        if (c.length > 0) {
            cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, m, n, d, 1.0, a, d, b, d, 0.0, c, n);
        }
        return c;
    }

    /** Cuts the columns of a product into one piece a core. */
    private static void pieces(int columns, double multiplyAdds, Piece piece) {
        int count = multiplyAdds < SHARED
                ? 1
                : Math.min(columns, Runtime.getRuntime().availableProcessors());
        IntStream.range(0, count)
                .parallel()
                .forEach(i -> piece.run((int) ((long) columns * i / count), (int) ((long) columns * (i + 1) / count)));
    }

    /** A half-open range of columns. */
    private interface Piece {
        void run(int from, int to);
    }

    /**
     * Thin singular value decomposition {@code Y = U diag(σ) Vᵀ}.
     *
     * @param values σ, falling
     * @param left U, m × min(m, n), column-major
     */
    public record Singular(double[] values, double[] left) {
        /** {@code σ / ‖Y‖}: values over the Frobenius norm. */
        public double[] relative() {
            double squares = 0;
            for (double value : values) {
                squares += value * value;
            }
            double norm = Math.sqrt(squares);
            return Arrays.stream(values).map(value -> value / norm).toArray();
        }
    }

    /** Decomposes a float32 matrix, in float64. */
    public static Singular singular(Matrix matrix) {
        int m = matrix.rows();
        int n = matrix.columns();
        double[] columnMajor = new double[Math.multiplyExact(m, n)];
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                columnMajor[j * m + i] = matrix.at(i, j);
            }
        }
        return singular(columnMajor, m, n);
    }

    /** Decomposes Y (m × n, column-major), which is overwritten. */
    public static Singular singular(double[] y, int m, int n) {
        int steps = Math.min(m, n);
        double[] values = new double[steps];
        double[] left = new double[m * steps];
        check(
                "dgesdd",
                LAPACKE_dgesdd(
                        LAPACK_COL_MAJOR, (byte) 'S', m, n, y, m, values, left, m, new double[steps * n], steps));
        return new Singular(values, left);
    }

    /**
     * Singular values and left singular vectors of a wide matrix Y (m × n, m ≤ n) from the eigenvalues of Y Yᵀ in float64: m²n
     * + 4m³ FLOP, several times fewer than {@link #singular}. Values under 1e-8 of the largest are rounding.
     */
    public static Singular leftSingular(Matrix y) {
        int m = y.rows();
        int n = y.columns();
        double[] wide = new double[m * n];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = y.data()[i];
        }
        double[] gram = new double[m * m];
        cblas_dsyrk(CblasRowMajor, CblasUpper, CblasNoTrans, m, n, 1.0, wide, n, 0.0, gram, m);
        double[] squares = new double[m];
        // The upper triangle by rows is the lower one by columns.
        check("dsyevd", LAPACKE_dsyevd(LAPACK_COL_MAJOR, (byte) 'V', (byte) 'L', m, gram, m, squares));
        double[] values = new double[m];
        double[] left = new double[m * m];
        for (int k = 0; k < m; k++) {
            values[k] = Math.sqrt(Math.max(0, squares[m - 1 - k]));
            System.arraycopy(gram, (m - 1 - k) * m, left, k * m, m);
        }
        return new Singular(values, left);
    }

    /** A float32 matrix outside the heap, so that products with it need no copy. Freed with its owner. */
    public static final class Weight {
        private final FloatPointer values;
        private final int columns;

        /** Copies row-major values. */
        public Weight(Matrix matrix) {
            this.values = new FloatPointer(matrix.data());
            this.columns = matrix.columns();
        }

        /** {@code A W} in float32. */
        public Matrix after(Matrix a) {
            return multiply(a, values, columns, CblasNoTrans, columns);
        }
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
                pieces(
                        columns,
                        (double) n * columns * rows,
                        (from, to) -> cblas_dgemm(
                                CblasRowMajor,
                                CblasNoTrans,
                                CblasNoTrans,
                                n,
                                to - from,
                                rows,
                                1.0,
                                in,
                                rows,
                                values.getPointer(from),
                                columns,
                                0.0,
                                out.getPointer(from),
                                columns));
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
