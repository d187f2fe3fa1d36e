package leakmark.kernels.dense;

import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.CblasTrans;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dgelsd;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dgeqrf;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dorgqr;
import static org.bytedeco.openblas.global.openblas.LAPACKE_sgeqp3;
import static org.bytedeco.openblas.global.openblas.LAPACK_COL_MAJOR;
import static org.bytedeco.openblas.global.openblas.cblas_dgemm;
import static org.bytedeco.openblas.global.openblas.cblas_sgemm;

import java.util.Arrays;
import leakmark.kernels.Matrix;
import org.bytedeco.openblas.global.openblas;

/** Matrix products and factorisations on all cores. Sizes are checked by the native code's own argument checks. */
public final class DenseAlgebra {
    static {
        openblas.blas_set_num_threads(Runtime.getRuntime().availableProcessors());
    }

    private DenseAlgebra() {}

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

    /** {@code alpha · op(A) op(B) + beta · C} in float64, all row-major; op(A) is m × k, op(B) k × n, C m × n. */
    public static void multiply(
            boolean transposeA,
            boolean transposeB,
            int m,
            int n,
            int k,
            double alpha,
            double[] a,
            double[] b,
            double beta,
            double[] c) {
        if (m == 0 || n == 0) {
            return;
        }
        if (k == 0) {
            Arrays.setAll(c, i -> beta * c[i]);
            return;
        }
        cblas_dgemm(
                CblasRowMajor,
                transposeA ? CblasTrans : CblasNoTrans,
                transposeB ? CblasTrans : CblasNoTrans,
                m,
                n,
                k,
                alpha,
                a,
                transposeA ? m : k,
                b,
                transposeB ? k : n,
                beta,
                c,
                n);
    }

    /**
     * Column-pivoted QR factorisation {@code Y P = Q R}.
     *
     * @param diagonal |R_ii|, falling
     * @param pivots column of Y at each place, 0-based
     */
    public record PivotedQr(double[] diagonal, int[] pivots) {}

    /** Factorises Y (m × n, column-major), which is overwritten. */
    public static PivotedQr pivotedQr(float[] y, int m, int n) {
        int steps = Math.min(m, n);
        int[] pivots = new int[n];
        float[] tau = new float[steps];
        check("sgeqp3", LAPACKE_sgeqp3(LAPACK_COL_MAJOR, m, n, y, m, pivots, tau));
        double[] diagonal = new double[steps];
        for (int i = 0; i < steps; i++) {
            diagonal[i] = Math.abs(y[i * m + i]);
        }
        return new PivotedQr(diagonal, Arrays.stream(pivots).map(p -> p - 1).toArray());
    }

    /** Orthonormal basis of linearly independent columns: overwrites Y (m × n, column-major, n ≤ m) by Q. */
    public static void orthonormalise(double[] y, int m, int n) {
        if (n == 0) {
            return;
        }
        double[] tau = new double[n];
        check("dgeqrf", LAPACKE_dgeqrf(LAPACK_COL_MAJOR, m, n, y, m, tau));
        check("dorgqr", LAPACKE_dorgqr(LAPACK_COL_MAJOR, m, n, n, y, m, tau));
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

    private static void check(String routine, int info) {
        if (info != 0) {
            throw new ArithmeticException(routine + " returned " + info);
        }
    }
}
