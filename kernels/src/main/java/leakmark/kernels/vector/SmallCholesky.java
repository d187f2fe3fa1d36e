package leakmark.kernels.vector;

import static leakmark.kernels.vector.Species.DOUBLE;

import java.util.Arrays;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorOperators;

/** Cholesky factorisation of matrices that fit the first cache (q ≤ 100 or so), on one core. */
final class SmallCholesky {
    private static final int LANES = DOUBLE.length();
    private static final int BLOCK = 4;

    private SmallCholesky() {}

    /** Rows of a gram matrix of q vectors: whole blocks. */
    static int padded(int q) {
        return (q + BLOCK - 1) / BLOCK * BLOCK;
    }

    /** Entries from row to row of such a matrix: whole blocks and whole vectors. */
    static int stride(int q) {
        return (padded(q) + LANES - 1) / LANES * LANES;
    }

    /**
     * Upper triangle of {@code S Sᵀ}; S is {@code padded(q)} × width, width whole vectors. 4 × 4 register blocks: 8 loads for
     * 16 FMA.
     *
     * @param out {@code padded(q)} × {@code stride(q)}
     */
    static void gram(double[] s, int q, int width, double[] out) {
        for (int i = 0; i < q; i += BLOCK) {
            for (int j = i; j < q; j += BLOCK) {
                block(s, i, j, width, out, stride(q));
            }
        }
    }

    private static void block(double[] s, int i, int j, int width, double[] out, int ld) {
        int i0 = i * width;
        int i1 = i0 + width;
        int i2 = i1 + width;
        int i3 = i2 + width;
        int j0 = j * width;
        int j1 = j0 + width;
        int j2 = j1 + width;
        int j3 = j2 + width;
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
        for (int e = 0; e < width; e += LANES) {
            DoubleVector x0 = DoubleVector.fromArray(DOUBLE, s, j0 + e);
            DoubleVector x1 = DoubleVector.fromArray(DOUBLE, s, j1 + e);
            DoubleVector x2 = DoubleVector.fromArray(DOUBLE, s, j2 + e);
            DoubleVector x3 = DoubleVector.fromArray(DOUBLE, s, j3 + e);
            DoubleVector y = DoubleVector.fromArray(DOUBLE, s, i0 + e);
            a00 = y.fma(x0, a00);
            a01 = y.fma(x1, a01);
            a02 = y.fma(x2, a02);
            a03 = y.fma(x3, a03);
            y = DoubleVector.fromArray(DOUBLE, s, i1 + e);
            a10 = y.fma(x0, a10);
            a11 = y.fma(x1, a11);
            a12 = y.fma(x2, a12);
            a13 = y.fma(x3, a13);
            y = DoubleVector.fromArray(DOUBLE, s, i2 + e);
            a20 = y.fma(x0, a20);
            a21 = y.fma(x1, a21);
            a22 = y.fma(x2, a22);
            a23 = y.fma(x3, a23);
            y = DoubleVector.fromArray(DOUBLE, s, i3 + e);
            a30 = y.fma(x0, a30);
            a31 = y.fma(x1, a31);
            a32 = y.fma(x2, a32);
            a33 = y.fma(x3, a33);
        }
        int o = i * ld + j;
        store(out, o, a00, a01, a02, a03);
        store(out, o + ld, a10, a11, a12, a13);
        store(out, o + 2 * ld, a20, a21, a22, a23);
        store(out, o + 3 * ld, a30, a31, a32, a33);
    }

    private static void store(double[] out, int at, DoubleVector a, DoubleVector b, DoubleVector c, DoubleVector d) {
        out[at] = a.reduceLanes(VectorOperators.ADD);
        out[at + 1] = b.reduceLanes(VectorOperators.ADD);
        out[at + 2] = c.reduceLanes(VectorOperators.ADD);
        out[at + 3] = d.reduceLanes(VectorOperators.ADD);
    }

    /**
     * Replaces the upper triangle of A by U with {@code UᵀU = A}, rows of A {@code stride(q)} apart: a row is what rows above
     * leave of it, four of them to a pass.
     */
    static void factor(double[] a, int q) {
        int ld = stride(q);
        for (int k = 0; k < q; k++) {
            int row = k * ld;
            int from = k / LANES * LANES;
            int p = 0;
            for (; p + BLOCK <= k; p += BLOCK) {
                int p0 = p * ld;
                int p1 = p0 + ld;
                int p2 = p1 + ld;
                int p3 = p2 + ld;
                DoubleVector f0 = DoubleVector.broadcast(DOUBLE, -a[p0 + k]);
                DoubleVector f1 = DoubleVector.broadcast(DOUBLE, -a[p1 + k]);
                DoubleVector f2 = DoubleVector.broadcast(DOUBLE, -a[p2 + k]);
                DoubleVector f3 = DoubleVector.broadcast(DOUBLE, -a[p3 + k]);
                for (int j = from; j < ld; j += LANES) {
                    DoubleVector sum = DoubleVector.fromArray(DOUBLE, a, row + j);
                    sum = f0.fma(DoubleVector.fromArray(DOUBLE, a, p0 + j), sum);
                    sum = f1.fma(DoubleVector.fromArray(DOUBLE, a, p1 + j), sum);
                    sum = f2.fma(DoubleVector.fromArray(DOUBLE, a, p2 + j), sum);
                    f3.fma(DoubleVector.fromArray(DOUBLE, a, p3 + j), sum).intoArray(a, row + j);
                }
            }
            for (; p < k; p++) {
                DoubleVector f = DoubleVector.broadcast(DOUBLE, -a[p * ld + k]);
                for (int j = from; j < ld; j += LANES) {
                    f.fma(DoubleVector.fromArray(DOUBLE, a, p * ld + j), DoubleVector.fromArray(DOUBLE, a, row + j))
                            .intoArray(a, row + j);
                }
            }
            // The ridge keeps it positive but for rounding; a tiny pivot makes the direction as good as absent.
            double pivot = Math.sqrt(Math.max(a[row + k], Double.MIN_NORMAL));
            DoubleVector inverse = DoubleVector.broadcast(DOUBLE, 1 / pivot);
            for (int j = from; j < ld; j += LANES) {
                DoubleVector.fromArray(DOUBLE, a, row + j).mul(inverse).intoArray(a, row + j);
            }
            a[row + k] = pivot;
            // What shares a vector with the diagonal but lies left of it must not act.
            Arrays.fill(a, row + from, row + k, 0);
        }
    }

    /** {@code y ← U⁻ᵀ y}; y has {@code stride(q)} entries. */
    static void forward(double[] factor, int q, double[] y) {
        int ld = stride(q);
        for (int i = 0; i < q; i++) {
            double value = y[i] / factor[i * ld + i];
            DoubleVector f = DoubleVector.broadcast(DOUBLE, -value);
            for (int j = i / LANES * LANES; j < ld; j += LANES) {
                f.fma(DoubleVector.fromArray(DOUBLE, factor, i * ld + j), DoubleVector.fromArray(DOUBLE, y, j))
                        .intoArray(y, j);
            }
            y[i] = value;
        }
    }

    /** {@code y ← U⁻¹ y}; entries of y behind q are zero. */
    static void backward(double[] factor, int q, double[] y) {
        int ld = stride(q);
        for (int i = q - 1; i >= 0; i--) {
            double value = y[i];
            for (int j = i + 1; j < q; j++) {
                value -= factor[i * ld + j] * y[j];
            }
            y[i] = value / factor[i * ld + i];
        }
    }
}
