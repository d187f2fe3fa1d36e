package leakmark.kernels.vector;

import static leakmark.kernels.vector.Species.DOUBLE;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorOperators;

/**
 * {@code W ← W − (W Qᵀ) Q} in float64, rows of W and Q of length d, on all cores.
 *
 * <p>4 × 4 register blocks for the coefficients (8 loads for 16 multiply-adds), 4 rows × 2 vectors for the subtraction. By
 * hand and not by the library, because its calls copy Q from the heap each time: 4 MB for each handful of rows.
 */
final class Projection {
    private static final int BLOCK = 4;
    /** Basis rows of one piece of work: each is read once for all rows of W. */
    private static final int BASIS_PIECE = 16;
    /** Entries of a row in one piece, and basis rows of a tile: together 32 KB, the first cache. */
    private static final int WIDTH_PIECE = 64;

    private static final int BASIS_TILE = 64;

    private static final int LANES = DOUBLE.length();

    private Projection() {}

    /** Removes the components along the orthonormal rows {@code 0 … r−1} of q from all n rows of w. */
    static void remove(double[] w, int n, double[] q, int r, int d) {
        if (n == 0 || r == 0) {
            return;
        }
        double[] coefficients = new double[n * r];
        Species.chunks(r, BASIS_PIECE, (chunk, from, to) -> {
            for (int b = from; b < to; b += BLOCK) {
                for (int row = 0; row < n; row += BLOCK) {
                    coefficients(w, row, Math.min(BLOCK, n - row), q, b, Math.min(BLOCK, to - b), d, coefficients, r);
                }
            }
        });
        Species.chunks(d, WIDTH_PIECE, (chunk, from, to) -> {
            for (int b = 0; b < r; b += BASIS_TILE) {
                for (int row = 0; row < n; row += BLOCK) {
                    int bases = Math.min(BASIS_TILE, r - b);
                    subtract(w, row, Math.min(BLOCK, n - row), coefficients, q, b, bases, r, d, from, to);
                }
            }
        });
    }

    /** Scalar product of two rows. */
    static double dot(double[] a, int aAt, double[] b, int bAt, int d) {
        DoubleVector sum = DoubleVector.zero(DOUBLE);
        int bound = DOUBLE.loopBound(d);
        for (int e = 0; e < bound; e += LANES) {
            sum = DoubleVector.fromArray(DOUBLE, a, aAt + e).fma(DoubleVector.fromArray(DOUBLE, b, bAt + e), sum);
        }
        double result = sum.reduceLanes(VectorOperators.ADD);
        for (int e = bound; e < d; e++) {
            result += a[aAt + e] * b[bAt + e];
        }
        return result;
    }

    /** {@code y ← y + factor · x} for rows of length d. */
    static void add(double factor, double[] x, int xAt, double[] y, int yAt, int d) {
        DoubleVector f = DoubleVector.broadcast(DOUBLE, factor);
        int bound = DOUBLE.loopBound(d);
        for (int e = 0; e < bound; e += LANES) {
            DoubleVector.fromArray(DOUBLE, x, xAt + e)
                    .fma(f, DoubleVector.fromArray(DOUBLE, y, yAt + e))
                    .intoArray(y, yAt + e);
        }
        for (int e = bound; e < d; e++) {
            y[yAt + e] += factor * x[xAt + e];
        }
    }

    private static void coefficients(
            double[] w, int row, int rows, double[] q, int basis, int bases, int d, double[] c, int r) {
        if (rows < BLOCK || bases < BLOCK) {
            for (int i = row; i < row + rows; i++) {
                for (int b = basis; b < basis + bases; b++) {
                    c[i * r + b] = dot(w, i * d, q, b * d, d);
                }
            }
            return;
        }
        int w0 = row * d;
        int w1 = w0 + d;
        int w2 = w1 + d;
        int w3 = w2 + d;
        int q0 = basis * d;
        int q1 = q0 + d;
        int q2 = q1 + d;
        int q3 = q2 + d;
        DoubleVector a00 = DoubleVector.zero(DOUBLE);
        DoubleVector a01 = a00;
        DoubleVector a02 = a00;
        DoubleVector a03 = a00;
        DoubleVector a10 = a00;
        DoubleVector a11 = a00;
        DoubleVector a12 = a00;
        DoubleVector a13 = a00;
        DoubleVector a20 = a00;
        DoubleVector a21 = a00;
        DoubleVector a22 = a00;
        DoubleVector a23 = a00;
        DoubleVector a30 = a00;
        DoubleVector a31 = a00;
        DoubleVector a32 = a00;
        DoubleVector a33 = a00;
        int bound = DOUBLE.loopBound(d);
        for (int e = 0; e < bound; e += LANES) {
            DoubleVector x0 = DoubleVector.fromArray(DOUBLE, q, q0 + e);
            DoubleVector x1 = DoubleVector.fromArray(DOUBLE, q, q1 + e);
            DoubleVector x2 = DoubleVector.fromArray(DOUBLE, q, q2 + e);
            DoubleVector x3 = DoubleVector.fromArray(DOUBLE, q, q3 + e);
            DoubleVector y = DoubleVector.fromArray(DOUBLE, w, w0 + e);
            a00 = y.fma(x0, a00);
            a01 = y.fma(x1, a01);
            a02 = y.fma(x2, a02);
            a03 = y.fma(x3, a03);
            y = DoubleVector.fromArray(DOUBLE, w, w1 + e);
            a10 = y.fma(x0, a10);
            a11 = y.fma(x1, a11);
            a12 = y.fma(x2, a12);
            a13 = y.fma(x3, a13);
            y = DoubleVector.fromArray(DOUBLE, w, w2 + e);
            a20 = y.fma(x0, a20);
            a21 = y.fma(x1, a21);
            a22 = y.fma(x2, a22);
            a23 = y.fma(x3, a23);
            y = DoubleVector.fromArray(DOUBLE, w, w3 + e);
            a30 = y.fma(x0, a30);
            a31 = y.fma(x1, a31);
            a32 = y.fma(x2, a32);
            a33 = y.fma(x3, a33);
        }
        int c0 = row * r + basis;
        c[c0] = a00.reduceLanes(VectorOperators.ADD);
        c[c0 + 1] = a01.reduceLanes(VectorOperators.ADD);
        c[c0 + 2] = a02.reduceLanes(VectorOperators.ADD);
        c[c0 + 3] = a03.reduceLanes(VectorOperators.ADD);
        c[c0 + r] = a10.reduceLanes(VectorOperators.ADD);
        c[c0 + r + 1] = a11.reduceLanes(VectorOperators.ADD);
        c[c0 + r + 2] = a12.reduceLanes(VectorOperators.ADD);
        c[c0 + r + 3] = a13.reduceLanes(VectorOperators.ADD);
        c[c0 + 2 * r] = a20.reduceLanes(VectorOperators.ADD);
        c[c0 + 2 * r + 1] = a21.reduceLanes(VectorOperators.ADD);
        c[c0 + 2 * r + 2] = a22.reduceLanes(VectorOperators.ADD);
        c[c0 + 2 * r + 3] = a23.reduceLanes(VectorOperators.ADD);
        c[c0 + 3 * r] = a30.reduceLanes(VectorOperators.ADD);
        c[c0 + 3 * r + 1] = a31.reduceLanes(VectorOperators.ADD);
        c[c0 + 3 * r + 2] = a32.reduceLanes(VectorOperators.ADD);
        c[c0 + 3 * r + 3] = a33.reduceLanes(VectorOperators.ADD);
        for (int e = bound; e < d; e++) {
            for (int i = 0; i < BLOCK; i++) {
                for (int b = 0; b < BLOCK; b++) {
                    c[c0 + i * r + b] += w[w0 + i * d + e] * q[q0 + b * d + e];
                }
            }
        }
    }

    private static void subtract(
            double[] w,
            int row,
            int rows,
            double[] c,
            double[] q,
            int basis,
            int bases,
            int r,
            int d,
            int from,
            int to) {
        int e = from;
        if (rows == BLOCK) {
            int w0 = row * d;
            int c0 = row * r;
            for (; e <= to - 2 * LANES; e += 2 * LANES) {
                DoubleVector a00 = DoubleVector.fromArray(DOUBLE, w, w0 + e);
                DoubleVector a01 = DoubleVector.fromArray(DOUBLE, w, w0 + e + LANES);
                DoubleVector a10 = DoubleVector.fromArray(DOUBLE, w, w0 + d + e);
                DoubleVector a11 = DoubleVector.fromArray(DOUBLE, w, w0 + d + e + LANES);
                DoubleVector a20 = DoubleVector.fromArray(DOUBLE, w, w0 + 2 * d + e);
                DoubleVector a21 = DoubleVector.fromArray(DOUBLE, w, w0 + 2 * d + e + LANES);
                DoubleVector a30 = DoubleVector.fromArray(DOUBLE, w, w0 + 3 * d + e);
                DoubleVector a31 = DoubleVector.fromArray(DOUBLE, w, w0 + 3 * d + e + LANES);
                for (int b = basis; b < basis + bases; b++) {
                    DoubleVector x0 = DoubleVector.fromArray(DOUBLE, q, b * d + e);
                    DoubleVector x1 = DoubleVector.fromArray(DOUBLE, q, b * d + e + LANES);
                    DoubleVector f = DoubleVector.broadcast(DOUBLE, -c[c0 + b]);
                    a00 = x0.fma(f, a00);
                    a01 = x1.fma(f, a01);
                    f = DoubleVector.broadcast(DOUBLE, -c[c0 + r + b]);
                    a10 = x0.fma(f, a10);
                    a11 = x1.fma(f, a11);
                    f = DoubleVector.broadcast(DOUBLE, -c[c0 + 2 * r + b]);
                    a20 = x0.fma(f, a20);
                    a21 = x1.fma(f, a21);
                    f = DoubleVector.broadcast(DOUBLE, -c[c0 + 3 * r + b]);
                    a30 = x0.fma(f, a30);
                    a31 = x1.fma(f, a31);
                }
                a00.intoArray(w, w0 + e);
                a01.intoArray(w, w0 + e + LANES);
                a10.intoArray(w, w0 + d + e);
                a11.intoArray(w, w0 + d + e + LANES);
                a20.intoArray(w, w0 + 2 * d + e);
                a21.intoArray(w, w0 + 2 * d + e + LANES);
                a30.intoArray(w, w0 + 3 * d + e);
                a31.intoArray(w, w0 + 3 * d + e + LANES);
            }
        }
        if (e < to) {
            for (int i = row; i < row + rows; i++) {
                for (int b = basis; b < basis + bases; b++) {
                    add(-c[i * r + b], q, b * d + e, w, i * d + e, to - e);
                }
            }
        }
    }
}
