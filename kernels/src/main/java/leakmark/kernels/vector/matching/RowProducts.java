package leakmark.kernels.vector.matching;

import static leakmark.kernels.vector.Species.FLOAT;
import static leakmark.kernels.vector.Species.LANES;

import jdk.incubator.vector.FloatVector;
import leakmark.kernels.vector.LaneSums;

/** Products of one row with a matrix (inputs × outputs): each streams the matrix once, and memory sets their speed. */
final class RowProducts {
    private RowProducts() {}

    /**
     * {@link Tiles#accumulate} for one position: four vectors of the row of y side by side.
     *
     * @param columns length of x's row
     */
    static void accumulate(float[] x, int xAt, int columns, float[] w, int wAt, float[] y, int yAt, int width) {
        int lane = 0;
        for (; lane <= width - 4 * LANES; lane += 4 * LANES) {
            FloatVector a0 = FloatVector.fromArray(FLOAT, y, yAt + lane);
            FloatVector a1 = FloatVector.fromArray(FLOAT, y, yAt + lane + LANES);
            FloatVector a2 = FloatVector.fromArray(FLOAT, y, yAt + lane + 2 * LANES);
            FloatVector a3 = FloatVector.fromArray(FLOAT, y, yAt + lane + 3 * LANES);
            for (int j = 0; j < columns; j++) {
                int at = wAt + j * width + lane;
                FloatVector b = FloatVector.broadcast(FLOAT, x[xAt + j]);
                a0 = b.fma(FloatVector.fromArray(FLOAT, w, at), a0);
                a1 = b.fma(FloatVector.fromArray(FLOAT, w, at + LANES), a1);
                a2 = b.fma(FloatVector.fromArray(FLOAT, w, at + 2 * LANES), a2);
                a3 = b.fma(FloatVector.fromArray(FLOAT, w, at + 3 * LANES), a3);
            }
            a0.intoArray(y, yAt + lane);
            a1.intoArray(y, yAt + lane + LANES);
            a2.intoArray(y, yAt + lane + 2 * LANES);
            a3.intoArray(y, yAt + lane + 3 * LANES);
        }
        for (; lane < width; lane += LANES) {
            rest(x, xAt, columns, w, wAt + lane, y, yAt + lane, width);
        }
    }

    /** One vector of {@link #accumulate}, its columns in four sums. */
    private static void rest(float[] x, int xAt, int columns, float[] w, int wAt, float[] y, int yAt, int width) {
        FloatVector a0 = FloatVector.fromArray(FLOAT, y, yAt);
        FloatVector a1 = FloatVector.zero(FLOAT);
        FloatVector a2 = a1;
        FloatVector a3 = a1;
        for (int j = 0; j < columns - 3; j += 4) {
            int at = wAt + j * width;
            a0 = FloatVector.fromArray(FLOAT, w, at).fma(FloatVector.broadcast(FLOAT, x[xAt + j]), a0);
            a1 = FloatVector.fromArray(FLOAT, w, at + width).fma(FloatVector.broadcast(FLOAT, x[xAt + j + 1]), a1);
            a2 = FloatVector.fromArray(FLOAT, w, at + 2 * width).fma(FloatVector.broadcast(FLOAT, x[xAt + j + 2]), a2);
            a3 = FloatVector.fromArray(FLOAT, w, at + 3 * width).fma(FloatVector.broadcast(FLOAT, x[xAt + j + 3]), a3);
        }
        a0.add(a1).add(a2.add(a3)).intoArray(y, yAt);
        for (int j = columns & ~3; j < columns; j++) {
            FloatVector.fromArray(FLOAT, w, wAt + j * width)
                    .fma(FloatVector.broadcast(FLOAT, x[xAt + j]), FloatVector.fromArray(FLOAT, y, yAt))
                    .intoArray(y, yAt);
        }
    }

    /** {@link Tiles#outer} for one position. */
    static void outer(float[] x, int xAt, int columns, float[] d, int width, float[] g, int gAt) {
        for (int j = 0; j < columns; j++) {
            FloatVector b = FloatVector.broadcast(FLOAT, x[xAt + j]);
            for (int lane = 0; lane < width; lane += LANES) {
                FloatVector.fromArray(FLOAT, d, lane).mul(b).intoArray(g, gAt + j * width + lane);
            }
        }
    }

    /** {@code y[yAt + i] += Σ_o d[dAt + o] · w[wAt + i·width + o]} for i in 0 … count−1. */
    static void dots(float[] d, int dAt, int width, float[] w, int wAt, int count, float[] y, int yAt) {
        float[] lanes = LaneSums.floats();
        int i = 0;
        for (; i <= count - 4; i += 4) {
            int w0 = wAt + i * width;
            int w1 = w0 + width;
            int w2 = w1 + width;
            int w3 = w2 + width;
            FloatVector a0 = FloatVector.zero(FLOAT);
            FloatVector a1 = a0;
            FloatVector a2 = a0;
            FloatVector a3 = a0;
            for (int o = 0; o < width; o += LANES) {
                FloatVector b = FloatVector.fromArray(FLOAT, d, dAt + o);
                a0 = b.fma(FloatVector.fromArray(FLOAT, w, w0 + o), a0);
                a1 = b.fma(FloatVector.fromArray(FLOAT, w, w1 + o), a1);
                a2 = b.fma(FloatVector.fromArray(FLOAT, w, w2 + o), a2);
                a3 = b.fma(FloatVector.fromArray(FLOAT, w, w3 + o), a3);
            }
            a0.intoArray(lanes, 0);
            a1.intoArray(lanes, LANES);
            a2.intoArray(lanes, 2 * LANES);
            a3.intoArray(lanes, 3 * LANES);
            for (int k = 0; k < 4; k++) {
                y[yAt + i + k] += LaneSums.sum(lanes, k);
            }
        }
        for (; i < count; i++) {
            FloatVector a = FloatVector.zero(FLOAT);
            for (int o = 0; o < width; o += LANES) {
                a = FloatVector.fromArray(FLOAT, d, dAt + o)
                        .fma(FloatVector.fromArray(FLOAT, w, wAt + i * width + o), a);
            }
            a.intoArray(lanes, 0);
            y[yAt + i] += LaneSums.sum(lanes, 0);
        }
    }

    /**
     * With {@code r_io = x_i d_o − t[tAt + i·width + o]}: {@code y_o = 2 Σ_i x_i r_io}, {@code z_i = 2 Σ_o d_o r_io}.
     *
     * @param count inputs i
     * @return Σ r²
     */
    static double match(float[] x, int count, float[] d, int width, float[] t, int tAt, float[] y, float[] z) {
        java.util.Arrays.fill(y, 0, width, 0);
        float[] lanes = LaneSums.floats();
        double total = 0;
        int i = 0;
        for (; i <= count - 4; i += 4) {
            total += matchFour(x, i, d, width, t, tAt + i * width, y, z, lanes);
        }
        for (; i < count; i++) {
            z[i] = 0;
            for (int o = 0; o < width; o++) {
                float r = x[i] * d[o] - t[tAt + i * width + o];
                total += (double) r * r;
                y[o] += 2 * r * x[i];
                z[i] += 2 * r * d[o];
            }
        }
        return total;
    }

    private static double matchFour(
            float[] x, int i, float[] d, int width, float[] t, int tAt, float[] y, float[] z, float[] lanes) {
        int t1 = tAt + width;
        int t2 = t1 + width;
        int t3 = t2 + width;
        FloatVector x0 = FloatVector.broadcast(FLOAT, x[i]);
        FloatVector x1 = FloatVector.broadcast(FLOAT, x[i + 1]);
        FloatVector x2 = FloatVector.broadcast(FLOAT, x[i + 2]);
        FloatVector x3 = FloatVector.broadcast(FLOAT, x[i + 3]);
        FloatVector z0 = FloatVector.zero(FLOAT);
        FloatVector z1 = z0;
        FloatVector z2 = z0;
        FloatVector z3 = z0;
        FloatVector s0 = z0;
        FloatVector s1 = z0;
        for (int o = 0; o < width; o += LANES) {
            FloatVector b = FloatVector.fromArray(FLOAT, d, o);
            FloatVector r0 = b.mul(x0).sub(FloatVector.fromArray(FLOAT, t, tAt + o));
            FloatVector r1 = b.mul(x1).sub(FloatVector.fromArray(FLOAT, t, t1 + o));
            FloatVector r2 = b.mul(x2).sub(FloatVector.fromArray(FLOAT, t, t2 + o));
            FloatVector r3 = b.mul(x3).sub(FloatVector.fromArray(FLOAT, t, t3 + o));
            s0 = r0.fma(r0, s0);
            s1 = r1.fma(r1, s1);
            s0 = r2.fma(r2, s0);
            s1 = r3.fma(r3, s1);
            z0 = r0.fma(b, z0);
            z1 = r1.fma(b, z1);
            z2 = r2.fma(b, z2);
            z3 = r3.fma(b, z3);
            FloatVector first = r0.mul(x0).add(r1.mul(x1));
            FloatVector sum = r2.fma(x2, r3.fma(x3, first));
            sum.add(sum).add(FloatVector.fromArray(FLOAT, y, o)).intoArray(y, o);
        }
        z0.intoArray(lanes, 0);
        z1.intoArray(lanes, LANES);
        z2.intoArray(lanes, 2 * LANES);
        z3.intoArray(lanes, 3 * LANES);
        for (int k = 0; k < 4; k++) {
            z[i + k] = 2 * LaneSums.sum(lanes, k);
        }
        s0.add(s1).intoArray(lanes, 0);
        return LaneSums.sum(lanes, 0);
    }
}
