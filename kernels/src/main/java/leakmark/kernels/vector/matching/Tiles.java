package leakmark.kernels.vector.matching;

import static leakmark.kernels.vector.Species.FLOAT;
import static leakmark.kernels.vector.Species.LANES;

import jdk.incubator.vector.FloatVector;

/**
 * The products of many positions with one weight, of which convolutions and linear layers are made. Channels are in the lanes; eight sums at a time stay
 * in registers, so that eight multiply-adds cost nine loads.
 */
final class Tiles {
    private static final int TILE = 8;

    private Tiles() {}

    /**
     * {@code y[yo_p + lane …] += Σ_r Σ_j x[xo_p + r·xRow + j] · w[wAt + r·wRow + j·wStep + lane …]} for all positions p.
     *
     * @param width lanes of a position of y; a multiple of the vector length, as is wStep
     */
    static void accumulate(
            float[] x,
            int[] xo,
            int xRow,
            int rows,
            int columns,
            float[] w,
            int wAt,
            int wRow,
            int wStep,
            float[] y,
            int[] yo,
            int width) {
        int last = xo.length - 1;
        for (int lane = 0; lane < width; lane += LANES) {
            for (int p = 0; p <= last; p += TILE) {
                // One row a call: sums carried through two loops would be boxed.
                for (int r = 0; r < rows; r++) {
                    tile(x, xo, r * xRow, columns, w, wAt + r * wRow + lane, wStep, y, yo, lane, p, last);
                }
            }
        }
    }

    /** A short last tile repeats its last position: all sums are loaded before the first is stored. */
    private static void tile(
            float[] x,
            int[] xo,
            int shift,
            int columns,
            float[] w,
            int wAt,
            int wStep,
            float[] y,
            int[] yo,
            int lane,
            int p,
            int last) {
        int p1 = Math.min(p + 1, last);
        int p2 = Math.min(p + 2, last);
        int p3 = Math.min(p + 3, last);
        int p4 = Math.min(p + 4, last);
        int p5 = Math.min(p + 5, last);
        int p6 = Math.min(p + 6, last);
        int p7 = Math.min(p + 7, last);
        FloatVector a0 = FloatVector.fromArray(FLOAT, y, yo[p] + lane);
        FloatVector a1 = FloatVector.fromArray(FLOAT, y, yo[p1] + lane);
        FloatVector a2 = FloatVector.fromArray(FLOAT, y, yo[p2] + lane);
        FloatVector a3 = FloatVector.fromArray(FLOAT, y, yo[p3] + lane);
        FloatVector a4 = FloatVector.fromArray(FLOAT, y, yo[p4] + lane);
        FloatVector a5 = FloatVector.fromArray(FLOAT, y, yo[p5] + lane);
        FloatVector a6 = FloatVector.fromArray(FLOAT, y, yo[p6] + lane);
        FloatVector a7 = FloatVector.fromArray(FLOAT, y, yo[p7] + lane);
        int x0 = xo[p] + shift;
        int x1 = xo[p1] + shift;
        int x2 = xo[p2] + shift;
        int x3 = xo[p3] + shift;
        int x4 = xo[p4] + shift;
        int x5 = xo[p5] + shift;
        int x6 = xo[p6] + shift;
        int x7 = xo[p7] + shift;
        for (int j = 0; j < columns; j++) {
            FloatVector b = FloatVector.fromArray(FLOAT, w, wAt + j * wStep);
            a0 = b.fma(FloatVector.broadcast(FLOAT, x[x0 + j]), a0);
            a1 = b.fma(FloatVector.broadcast(FLOAT, x[x1 + j]), a1);
            a2 = b.fma(FloatVector.broadcast(FLOAT, x[x2 + j]), a2);
            a3 = b.fma(FloatVector.broadcast(FLOAT, x[x3 + j]), a3);
            a4 = b.fma(FloatVector.broadcast(FLOAT, x[x4 + j]), a4);
            a5 = b.fma(FloatVector.broadcast(FLOAT, x[x5 + j]), a5);
            a6 = b.fma(FloatVector.broadcast(FLOAT, x[x6 + j]), a6);
            a7 = b.fma(FloatVector.broadcast(FLOAT, x[x7 + j]), a7);
        }
        a0.intoArray(y, yo[p] + lane);
        a1.intoArray(y, yo[p1] + lane);
        a2.intoArray(y, yo[p2] + lane);
        a3.intoArray(y, yo[p3] + lane);
        a4.intoArray(y, yo[p4] + lane);
        a5.intoArray(y, yo[p5] + lane);
        a6.intoArray(y, yo[p6] + lane);
        a7.intoArray(y, yo[p7] + lane);
    }

    /** {@code g[gAt + j·width + lane …] = Σ_p x[xo_p + shift + j] · d[p·width + lane …]} for j in 0 … columns−1. */
    static void outer(float[] x, int[] xo, int shift, int columns, float[] d, int width, float[] g, int gAt) {
        if (columns < TILE) {
            for (int j = 0; j < columns; j++) {
                for (int lane = 0; lane < width; lane += LANES) {
                    FloatVector a = FloatVector.zero(FLOAT);
                    for (int p = 0; p < xo.length; p++) {
                        a = FloatVector.fromArray(FLOAT, d, p * width + lane)
                                .fma(FloatVector.broadcast(FLOAT, x[xo[p] + shift + j]), a);
                    }
                    a.intoArray(g, gAt + j * width + lane);
                }
            }
            return;
        }
        for (int lane = 0; lane < width; lane += LANES) {
            for (int j = 0; j < columns; j += TILE) {
                // The last tile overlaps the one before it: sums are assigned, not added.
                int first = Math.min(j, columns - TILE);
                outerTile(x, xo, shift + first, d, width, lane, g, gAt + first * width + lane);
            }
        }
    }

    private static void outerTile(float[] x, int[] xo, int shift, float[] d, int width, int lane, float[] g, int gAt) {
        FloatVector a0 = FloatVector.zero(FLOAT);
        FloatVector a1 = a0;
        FloatVector a2 = a0;
        FloatVector a3 = a0;
        FloatVector a4 = a0;
        FloatVector a5 = a0;
        FloatVector a6 = a0;
        FloatVector a7 = a0;
        for (int p = 0; p < xo.length; p++) {
            int at = xo[p] + shift;
            FloatVector b = FloatVector.fromArray(FLOAT, d, p * width + lane);
            a0 = b.fma(FloatVector.broadcast(FLOAT, x[at]), a0);
            a1 = b.fma(FloatVector.broadcast(FLOAT, x[at + 1]), a1);
            a2 = b.fma(FloatVector.broadcast(FLOAT, x[at + 2]), a2);
            a3 = b.fma(FloatVector.broadcast(FLOAT, x[at + 3]), a3);
            a4 = b.fma(FloatVector.broadcast(FLOAT, x[at + 4]), a4);
            a5 = b.fma(FloatVector.broadcast(FLOAT, x[at + 5]), a5);
            a6 = b.fma(FloatVector.broadcast(FLOAT, x[at + 6]), a6);
            a7 = b.fma(FloatVector.broadcast(FLOAT, x[at + 7]), a7);
        }
        a0.intoArray(g, gAt);
        a1.intoArray(g, gAt + width);
        a2.intoArray(g, gAt + 2 * width);
        a3.intoArray(g, gAt + 3 * width);
        a4.intoArray(g, gAt + 4 * width);
        a5.intoArray(g, gAt + 5 * width);
        a6.intoArray(g, gAt + 6 * width);
        a7.intoArray(g, gAt + 7 * width);
    }
}
