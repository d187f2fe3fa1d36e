package leakmark.kernels.vector;

import static leakmark.kernels.vector.Species.FLOAT;
import static leakmark.kernels.vector.Species.LANES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import leakmark.kernels.DeviceMatrix;
import leakmark.kernels.Matrix;
import leakmark.kernels.VocabularySweep;

/**
 * The sweep on all cores: four table rows against four sketch columns at a time (16 accumulators, 8 loads for 16
 * multiply-adds), then all positions of a row side by side in the lanes.
 *
 * <p>Floor: the table's bytes over memory bandwidth. With k=8 the arithmetic (0.6 GFLOP at V=50257, d=768) is of the same
 * size, so rows are read from memory once and from the first cache for the second half of the columns.
 * No vector is handed to or returned from a method: where that is not inlined it is boxed, at twice the time of the sweep.
 */
final class VectorVocabularySweep implements VocabularySweep {
    private static final int ROWS = 4;
    private static final int COLUMNS = 4;
    private static final int CHUNK = 512;

    @Override
    public Hits sweep(DeviceMatrix table, Matrix sketch, Matrix positions, float threshold) {
        Matrix e = table.toHost();
        int k = (sketch.columns() + COLUMNS - 1) / COLUMNS * COLUMNS;
        float[] columns = transposed(sketch, k, sketch.rows());
        int width = Species.padded(positions.rows());
        float[] places = transposed(positions, k, width);
        // Padding stands infinitely far away: ∞ ≤ τ² is false in every padded lane.
        Arrays.fill(places, positions.rows(), width, Float.POSITIVE_INFINITY);
        HitList[] found = new HitList[(e.rows() + CHUNK - 1) / CHUNK];
        Species.chunks(e.rows(), CHUNK, (chunk, from, to) -> {
            HitList hits = new HitList();
            float[] a = new float[ROWS * k];
            for (int v = from; v < to; v += ROWS) {
                int rows = Math.min(ROWS, to - v);
                for (int c = 0; c < k; c += COLUMNS) {
                    // A short last block repeats its last row; the surplus is not looked at.
                    product(e, v, rows, columns, c, a, k);
                }
                for (int r = 0; r < rows; r++) {
                    test(a, r * k, k, places, width, threshold * threshold, v + r, hits);
                }
            }
            found[chunk] = hits;
        });
        int count = Arrays.stream(found).mapToInt(hits -> hits.count).sum();
        int[] tokens = new int[count];
        int[] at = new int[count];
        int next = 0;
        for (HitList hits : found) {
            System.arraycopy(hits.tokens, 0, tokens, next, hits.count);
            System.arraycopy(hits.positions, 0, at, next, hits.count);
            next += hits.count;
        }
        return new Hits(tokens, at);
    }

    private static float[] transposed(Matrix matrix, int columns, int width) {
        float[] result = new float[columns * width];
        for (int i = 0; i < matrix.rows(); i++) {
            for (int c = 0; c < matrix.columns(); c++) {
                result[c * width + i] = matrix.at(i, c);
            }
        }
        return result;
    }

    /** {@code a[r][c … c+3] = e_{v+r} · s_{c … c+3}} for four rows. */
    private static void product(Matrix table, int v, int rows, float[] columns, int c, float[] a, int k) {
        int d = table.columns();
        float[] e = table.data();
        int e0 = v * d;
        int e1 = (v + Math.min(1, rows - 1)) * d;
        int e2 = (v + Math.min(2, rows - 1)) * d;
        int e3 = (v + Math.min(3, rows - 1)) * d;
        int s0 = c * d;
        int s1 = s0 + d;
        int s2 = s1 + d;
        int s3 = s2 + d;
        FloatVector a00 = FloatVector.zero(FLOAT);
        FloatVector a01 = a00;
        FloatVector a02 = a00;
        FloatVector a03 = a00;
        FloatVector a10 = a00;
        FloatVector a11 = a00;
        FloatVector a12 = a00;
        FloatVector a13 = a00;
        FloatVector a20 = a00;
        FloatVector a21 = a00;
        FloatVector a22 = a00;
        FloatVector a23 = a00;
        FloatVector a30 = a00;
        FloatVector a31 = a00;
        FloatVector a32 = a00;
        FloatVector a33 = a00;
        int bound = FLOAT.loopBound(d);
        for (int j = 0; j < bound; j += LANES) {
            FloatVector c0 = FloatVector.fromArray(FLOAT, columns, s0 + j);
            FloatVector c1 = FloatVector.fromArray(FLOAT, columns, s1 + j);
            FloatVector c2 = FloatVector.fromArray(FLOAT, columns, s2 + j);
            FloatVector c3 = FloatVector.fromArray(FLOAT, columns, s3 + j);
            FloatVector x = FloatVector.fromArray(FLOAT, e, e0 + j);
            a00 = x.fma(c0, a00);
            a01 = x.fma(c1, a01);
            a02 = x.fma(c2, a02);
            a03 = x.fma(c3, a03);
            x = FloatVector.fromArray(FLOAT, e, e1 + j);
            a10 = x.fma(c0, a10);
            a11 = x.fma(c1, a11);
            a12 = x.fma(c2, a12);
            a13 = x.fma(c3, a13);
            x = FloatVector.fromArray(FLOAT, e, e2 + j);
            a20 = x.fma(c0, a20);
            a21 = x.fma(c1, a21);
            a22 = x.fma(c2, a22);
            a23 = x.fma(c3, a23);
            x = FloatVector.fromArray(FLOAT, e, e3 + j);
            a30 = x.fma(c0, a30);
            a31 = x.fma(c1, a31);
            a32 = x.fma(c2, a32);
            a33 = x.fma(c3, a33);
        }
        a[c] = a00.reduceLanes(VectorOperators.ADD);
        a[c + 1] = a01.reduceLanes(VectorOperators.ADD);
        a[c + 2] = a02.reduceLanes(VectorOperators.ADD);
        a[c + 3] = a03.reduceLanes(VectorOperators.ADD);
        a[k + c] = a10.reduceLanes(VectorOperators.ADD);
        a[k + c + 1] = a11.reduceLanes(VectorOperators.ADD);
        a[k + c + 2] = a12.reduceLanes(VectorOperators.ADD);
        a[k + c + 3] = a13.reduceLanes(VectorOperators.ADD);
        a[2 * k + c] = a20.reduceLanes(VectorOperators.ADD);
        a[2 * k + c + 1] = a21.reduceLanes(VectorOperators.ADD);
        a[2 * k + c + 2] = a22.reduceLanes(VectorOperators.ADD);
        a[2 * k + c + 3] = a23.reduceLanes(VectorOperators.ADD);
        a[3 * k + c] = a30.reduceLanes(VectorOperators.ADD);
        a[3 * k + c + 1] = a31.reduceLanes(VectorOperators.ADD);
        a[3 * k + c + 2] = a32.reduceLanes(VectorOperators.ADD);
        a[3 * k + c + 3] = a33.reduceLanes(VectorOperators.ADD);
        for (int j = bound; j < d; j++) {
            for (int q = 0; q < COLUMNS; q++) {
                float s = columns[s0 + q * d + j];
                a[c + q] += e[e0 + j] * s;
                a[k + c + q] += e[e1 + j] * s;
                a[2 * k + c + q] += e[e2 + j] * s;
                a[3 * k + c + q] += e[e3 + j] * s;
            }
        }
    }

    private static void test(
            float[] a, int row, int k, float[] places, int width, float limit, int token, HitList hits) {
        // One look at the nearest of all positions: hits are rare, and a mask for each vector costs an object.
        FloatVector nearest = FloatVector.broadcast(FLOAT, Float.POSITIVE_INFINITY);
        for (int i = 0; i < width; i += LANES) {
            FloatVector squared = FloatVector.zero(FLOAT);
            for (int c = 0; c < k; c++) {
                FloatVector sum =
                        FloatVector.fromArray(FLOAT, places, c * width + i).add(a[row + c]);
                squared = sum.fma(sum, squared);
            }
            nearest = nearest.min(squared);
        }
        if (nearest.reduceLanes(VectorOperators.MIN) <= limit) {
            collect(a, row, k, places, width, limit, token, hits);
        }
    }

    private static void collect(
            float[] a, int row, int k, float[] places, int width, float limit, int token, HitList hits) {
        for (int i = 0; i < width; i++) {
            float squared = 0;
            for (int c = 0; c < k; c++) {
                float sum = places[c * width + i] + a[row + c];
                squared = Math.fma(sum, sum, squared);
            }
            if (squared <= limit) {
                hits.add(token, i);
            }
        }
    }

    /** Hits of one chunk, in order. */
    private static final class HitList {
        private int[] tokens = new int[64];
        private int[] positions = new int[64];
        private int count;

        void add(int token, int position) {
            if (count == tokens.length) {
                tokens = Arrays.copyOf(tokens, 2 * count);
                positions = Arrays.copyOf(positions, 2 * count);
            }
            tokens[count] = token;
            positions[count++] = position;
        }
    }
}
