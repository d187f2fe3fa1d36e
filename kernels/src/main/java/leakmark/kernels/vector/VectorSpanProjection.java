package leakmark.kernels.vector;

import static leakmark.kernels.vector.Species.DOUBLE;

import java.util.Arrays;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import leakmark.kernels.CloserLook;
import leakmark.kernels.DeviceMatrix;
import leakmark.kernels.Folding;
import leakmark.kernels.HostRowSpace;
import leakmark.kernels.Matrix;
import leakmark.kernels.Orthonormal;
import leakmark.kernels.RankDecision;
import leakmark.kernels.RankGap;
import leakmark.kernels.RowSpace;
import leakmark.kernels.SpanProjection;
import leakmark.kernels.dense.DenseAlgebra;
import leakmark.kernels.dense.DenseAlgebra.Singular;

/**
 * A rank-revealing factorisation that stops at the rank, in float64.
 *
 * <p>The gradient G (d × m) is folded into at most d columns, {@code y_b = Σ_q ±g_{qd+b}} with random signs, in random order:
 * one pass over G, and the column space stays as long as its rank is under d. The columns then come in blocks: a block is
 * projected out of the basis so far (two matrix products), and pivoted Gram-Schmidt inside the block takes its longest
 * columns first. Blocks are random mixtures, so the first block in which columns vanish is where the rank ends.
 *
 * <p>Ladder, d=768, two cores: full SVD of G 150 ms at any rank; float32 pivoted QR of the fold 25–50 ms, but it buries a
 * signal of 1e-6 under its own rounding (the gap at 618 prefixes was lost); this one stops at the rank, in float64:
 * 4·d·r² FLOP, 0.12 GFLOP at r=200.
 */
final class VectorSpanProjection implements SpanProjection {
    private static final int BLOCK = 32;
    /** A column that shrinks by more than this under projection is projected again: rounding is then visible. */
    private static final double AGAIN = 1e-3;
    /** Rows of G folded together: one cache line of the transposed result. */
    private static final int FOLD_ROWS = 8;
    /** Floats that widen to one vector of doubles. */
    private static final VectorSpecies<Float> HALF =
            VectorSpecies.of(float.class, VectorShape.forBitSize(DOUBLE.vectorBitSize() / 2));

    @Override
    public RowSpace rowSpace(DeviceMatrix gradient, float[]... append) {
        Matrix g = gradient.toHost();
        int d = g.rows();
        int s = Math.min(d, g.columns());
        double[] columns = fold(g, s);
        double frobenius = Math.sqrt(Projection.dot(columns, 0, columns, 0, columns.length));
        double[] basis = new double[s * d];
        double[] values = new double[s];
        int count = 0;
        int taken = 0;
        while (taken < s && frobenius > 0 && (count == 0 || values[count - 1] > RankGap.FLOAT32_NOISE)) {
            int width = Math.min(BLOCK, s - taken);
            double[] block = Arrays.copyOfRange(columns, taken * d, (taken + width) * d);
            double before = longest(block, width, d);
            Projection.remove(block, width, basis, count, d);
            if (longest(block, width, d) < AGAIN * before) {
                Projection.remove(block, width, basis, count, d);
            }
            count = orthonormalise(block, width, d, basis, values, count, frobenius);
            taken += width;
        }
        RankDecision decision = RankGap.decide(Arrays.copyOf(values, count));
        for (int most : CloserLook.SAMPLES) {
            if (CloserLook.isNeeded(decision, most, s)) {
                decision = closer(columns, d, s, most, frobenius, basis, values, count);
            }
        }
        double[] kept = Arrays.copyOf(basis, Math.max(decision.rank(), 0) * d);
        return new HostRowSpace(d, decision, Orthonormal.append(kept, d, append));
    }

    /**
     * A closer look where pivots alone are not clear: directions above the noise bound stay, and the rest of a sample of
     * columns is decomposed into singular values, in which noise no longer adds up over the d − r dimensions it fills.
     * Appends the directions it finds to the basis.
     */
    private static RankDecision closer(
            double[] columns, int d, int s, int most, double frobenius, double[] basis, double[] values, int count) {
        int sure = CloserLook.sure(values, count);
        int sample = Math.min(s, most);
        double[] rest = Arrays.copyOfRange(columns, (s - sample) * d, s * d);
        Projection.remove(rest, sample, basis, sure, d);
        Projection.remove(rest, sample, basis, sure, d);
        Singular singular = DenseAlgebra.singular(rest, d, sample);
        double scale = frobenius * Math.sqrt(sample);
        double[] rests = Arrays.stream(singular.values()).map(v -> v / scale).toArray();
        RankDecision decision = CloserLook.decide(values, sure, rests, s);
        if (!decision.hasGap()) {
            return decision;
        }
        int more = decision.rank() - sure;
        System.arraycopy(singular.left(), 0, basis, sure * d, more * d);
        return decision;
    }

    @Override
    public double[] residuals(RowSpace space, double[] vectors) {
        double[] result = vectors.clone();
        Projection.remove(result, vectors.length / space.dimension(), space.basis(), space.rank(), space.dimension());
        return result;
    }

    @Override
    public Matrix complementSketch(RowSpace space, int columns, long seed) {
        int d = space.dimension();
        double[] rows = Orthonormal.randomDirections(d, space.rank(), columns, seed);
        Projection.remove(rows, columns, space.basis(), space.rank(), d);
        Projection.remove(rows, columns, space.basis(), space.rank(), d);
        return Orthonormal.orthonormalColumns(rows, d);
    }

    private static double longest(double[] rows, int n, int d) {
        double longest = 0;
        for (int i = 0; i < n; i++) {
            longest = Math.max(longest, Projection.dot(rows, i * d, rows, i * d, d));
        }
        return Math.sqrt(longest);
    }

    /**
     * Pivoted Gram-Schmidt of a block, appended to the basis; values are the running least length, so they fall. On one core:
     * a step is 0.1 MFLOP, less than handing it out costs.
     */
    private static int orthonormalise(
            double[] block, int width, int d, double[] basis, double[] values, int count, double frobenius) {
        double[] squares = new double[width];
        for (int c = 0; c < width; c++) {
            squares[c] = Projection.dot(block, c * d, block, c * d, d);
        }
        int next = count;
        for (int step = 0; step < width; step++) {
            int pivot = 0;
            for (int c = 1; c < width; c++) {
                pivot = squares[c] > squares[pivot] ? c : pivot;
            }
            double length = Math.sqrt(Math.max(squares[pivot], 0));
            squares[pivot] = -1;
            values[next] = next == 0 ? length / frobenius : Math.min(values[next - 1], length / frobenius);
            int q = next * d;
            if (length > 0) {
                Projection.add(1 / length, block, pivot * d, basis, q, d);
                for (int c = 0; c < width; c++) {
                    if (squares[c] >= 0) {
                        double along = Projection.dot(block, c * d, basis, q, d);
                        Projection.add(-along, basis, q, block, c * d, d);
                        squares[c] = Projection.dot(block, c * d, block, c * d, d);
                    }
                }
            }
            next++;
        }
        return next;
    }

    /** s signed mixtures of G's columns in random order, one after the other. */
    private static double[] fold(Matrix g, int s) {
        int d = g.rows();
        int m = g.columns();
        Folding folding = Folding.of(m, s);
        float[] signs = folding.signs();
        int[] place = folding.place();
        double[] folded = new double[d * s];
        Species.chunks(d, FOLD_ROWS, (chunk, from, to) -> {
            double[] rows = new double[FOLD_ROWS * s];
            for (int i = from; i < to; i++) {
                for (int start = 0; start < m; start += s) {
                    addSigned(g.data(), i * m + start, signs, start, rows, (i - from) * s, Math.min(s, m - start));
                }
            }
            for (int b = 0; b < s; b++) {
                int at = place[b] * d + from;
                for (int i = 0; i < to - from; i++) {
                    folded[at + i] = rows[i * s + b];
                }
            }
        });
        return folded;
    }

    /** {@code y ← y + signs ∘ x}, float32 widened to float64. */
    private static void addSigned(float[] x, int xAt, float[] signs, int signsAt, double[] y, int yAt, int n) {
        int lanes = DOUBLE.length();
        int bound = DOUBLE.loopBound(n);
        for (int b = 0; b < bound; b += lanes) {
            FloatVector signed =
                    FloatVector.fromArray(HALF, x, xAt + b).mul(FloatVector.fromArray(HALF, signs, signsAt + b));
            DoubleVector.fromArray(DOUBLE, y, yAt + b)
                    .add((DoubleVector) signed.castShape(DOUBLE, 0))
                    .intoArray(y, yAt + b);
        }
        for (int b = bound; b < n; b++) {
            y[yAt + b] += (double) signs[signsAt + b] * x[xAt + b];
        }
    }
}
