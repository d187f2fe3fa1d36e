package leakmark.kernels.vector;

import static leakmark.kernels.vector.Species.DOUBLE;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorOperators;

/** Cholesky factorisation of matrices that fit the first cache (q ≤ 100 or so), on one core. */
final class SmallCholesky {
    private static final int LANES = DOUBLE.length();
    private static final int BLOCK = 4;

    private SmallCholesky() {}

    /** Lower triangle of {@code S Sᵀ}; S is q × stride, stride whole vectors. 4 × 4 register blocks: 8 loads for 16 FMA. */
    static void gram(double[] s, int q, int stride, double[] out) {
        for (int i = 0; i < q; i += BLOCK) {
            for (int j = 0; j <= i; j += BLOCK) {
                if (i + BLOCK <= q) {
                    block(s, i, j, stride, out, q);
                } else {
                    for (int a = i; a < q; a++) {
                        for (int b = j; b < Math.min(j + BLOCK, q); b++) {
                            out[a * q + b] = Projection.dot(s, a * stride, s, b * stride, stride);
                        }
                    }
                }
            }
        }
    }

    private static void block(double[] s, int i, int j, int stride, double[] out, int q) {
        int i0 = i * stride;
        int i1 = i0 + stride;
        int i2 = i1 + stride;
        int i3 = i2 + stride;
        int j0 = j * stride;
        int j1 = j0 + stride;
        int j2 = j1 + stride;
        int j3 = j2 + stride;
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
        for (int e = 0; e < stride; e += LANES) {
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
        int o = i * q + j;
        store(out, o, a00, a01, a02, a03);
        store(out, o + q, a10, a11, a12, a13);
        store(out, o + 2 * q, a20, a21, a22, a23);
        store(out, o + 3 * q, a30, a31, a32, a33);
    }

    private static void store(double[] out, int at, DoubleVector a, DoubleVector b, DoubleVector c, DoubleVector d) {
        out[at] = a.reduceLanes(VectorOperators.ADD);
        out[at + 1] = b.reduceLanes(VectorOperators.ADD);
        out[at + 2] = c.reduceLanes(VectorOperators.ADD);
        out[at + 3] = d.reduceLanes(VectorOperators.ADD);
    }

    /** Replaces the lower triangle of A (q × q, row-major) by its Cholesky factor; a row's beginnings are scalar products. */
    static void factor(double[] a, int q) {
        for (int i = 0; i < q; i++) {
            for (int j = 0; j < i; j++) {
                a[i * q + j] = (a[i * q + j] - Projection.dot(a, i * q, a, j * q, j)) / a[j * q + j];
            }
            double rest = a[i * q + i] - Projection.dot(a, i * q, a, i * q, i);
            // The ridge keeps it positive but for rounding; a tiny pivot makes the direction as good as absent.
            a[i * q + i] = Math.sqrt(Math.max(rest, Double.MIN_NORMAL));
        }
    }

    /** {@code y ← L⁻¹ y}. */
    static void forward(double[] factor, int q, double[] y, int at) {
        for (int i = 0; i < q; i++) {
            y[at + i] = (y[at + i] - Projection.dot(factor, i * q, y, at, i)) / factor[i * q + i];
        }
    }

    /** {@code y ← L⁻ᵀ y}. */
    static void backward(double[] factor, int q, double[] y, int at) {
        for (int i = q - 1; i >= 0; i--) {
            double value = y[at + i] / factor[i * q + i];
            y[at + i] = value;
            Projection.add(-value, factor, i * q, y, at, i);
        }
    }
}
