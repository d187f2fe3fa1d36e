package leakmark.kernels.vector.matching;

import static leakmark.kernels.vector.Species.FLOAT;
import static leakmark.kernels.vector.Species.LANES;

import jdk.incubator.vector.FloatVector;
import leakmark.kernels.vector.LaneSums;

/** Loops over stretches of floats of any length. */
final class Lanes {
    private Lanes() {}

    /** {@code y ← a + b}. */
    static void sum(float[] a, int aAt, float[] b, int bAt, float[] y, int yAt, int count) {
        int bound = FLOAT.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector.fromArray(FLOAT, a, aAt + i)
                    .add(FloatVector.fromArray(FLOAT, b, bAt + i))
                    .intoArray(y, yAt + i);
        }
        for (int i = bound; i < count; i++) {
            y[yAt + i] = a[aAt + i] + b[bAt + i];
        }
    }

    /** {@code y ← y + factor · x}. */
    static void add(float factor, float[] x, int xAt, float[] y, int yAt, int count) {
        FloatVector f = FloatVector.broadcast(FLOAT, factor);
        int bound = FLOAT.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector.fromArray(FLOAT, x, xAt + i)
                    .fma(f, FloatVector.fromArray(FLOAT, y, yAt + i))
                    .intoArray(y, yAt + i);
        }
        for (int i = bound; i < count; i++) {
            y[yAt + i] += factor * x[xAt + i];
        }
    }

    /** Scalar product. */
    static float dot(float[] a, int aAt, float[] b, int bAt, int count) {
        FloatVector sum = FloatVector.zero(FLOAT);
        int bound = FLOAT.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            sum = FloatVector.fromArray(FLOAT, a, aAt + i).fma(FloatVector.fromArray(FLOAT, b, bAt + i), sum);
        }
        float result = 0;
        if (bound > 0) {
            float[] lanes = LaneSums.floats();
            sum.intoArray(lanes, 0);
            result = LaneSums.sum(lanes, 0);
        }
        for (int i = bound; i < count; i++) {
            result += a[aAt + i] * b[bAt + i];
        }
        return result;
    }

    /** Sum of the entries. */
    static float total(float[] a, int aAt, int count) {
        FloatVector sum = FloatVector.zero(FLOAT);
        int bound = FLOAT.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            sum = sum.add(FloatVector.fromArray(FLOAT, a, aAt + i));
        }
        float result = 0;
        if (bound > 0) {
            float[] lanes = LaneSums.floats();
            sum.intoArray(lanes, 0);
            result = LaneSums.sum(lanes, 0);
        }
        for (int i = bound; i < count; i++) {
            result += a[aAt + i];
        }
        return result;
    }

    /** Every row of {@code y} becomes a copy of {@code width} values of {@code row}. */
    static void repeat(float[] row, int rowAt, int width, float[] y, int rows) {
        for (int lane = 0; lane < width; lane += LANES) {
            FloatVector b = FloatVector.fromArray(FLOAT, row, rowAt + lane);
            for (int r = 0; r < rows; r++) {
                b.intoArray(y, r * width + lane);
            }
        }
    }

    /** {@code g[gAt + …] = Σ_r d[r·width + …]}. */
    static void columnSums(float[] d, int rows, int width, float[] g, int gAt) {
        for (int lane = 0; lane < width; lane += LANES) {
            FloatVector sum = FloatVector.zero(FLOAT);
            for (int r = 0; r < rows; r++) {
                sum = sum.add(FloatVector.fromArray(FLOAT, d, r * width + lane));
            }
            sum.intoArray(g, gAt + lane);
        }
    }
}
