package leakmark.kernels.vector;

import java.util.Arrays;
import java.util.SplittableRandom;
import jdk.incubator.vector.FloatVector;
import leakmark.kernels.DeviceMatrix;
import leakmark.kernels.HostRowSpace;
import leakmark.kernels.Matrix;
import leakmark.kernels.Orthonormal;
import leakmark.kernels.RankDecision;
import leakmark.kernels.RankGap;
import leakmark.kernels.RowSpace;
import leakmark.kernels.SpanProjection;
import leakmark.kernels.dense.DenseAlgebra;
import leakmark.kernels.dense.DenseAlgebra.PivotedQr;

/**
 * Row spaces that stop at the rank.
 *
 * <p>The gradient G (d × m) is folded into s columns, {@code y_b = Σ_q ±g_{qs+b}} with random signs, which keeps its column
 * space as long as s exceeds the rank, and costs one pass over G. A float32 pivoted QR of the d × s fold gives rank and
 * pivots; only the r pivot columns are orthonormalised in float64. s starts at 128 and doubles until the noise is in sight.
 *
 * <p>Ladder (d=768, m=2304, rank 200, one of two shared cores busy): full SVD 150 ms; pivoted QR of G times a Gaussian matrix 90
 * ms; this fold removes the product, and stopping at s=256 two thirds of the factorisation.
 */
final class VectorSpanProjection implements SpanProjection {
    private static final int FIRST_FOLD = 128;
    private static final long SIGN_SEED = 0x5851F42D4C957F2DL;

    @Override
    public RowSpace rowSpace(DeviceMatrix gradient, float[]... append) {
        Matrix g = gradient.toHost();
        int d = g.rows();
        double frobenius = frobenius(g);
        RankDecision decision = RankGap.decide(new double[0], true);
        double[] basis = new double[0];
        for (int s = Math.min(FIRST_FOLD, g.columns()); frobenius > 0; s = Math.min(2 * s, g.columns())) {
            float[] fold = fold(g, s);
            PivotedQr factors = DenseAlgebra.pivotedQr(fold.clone(), d, s);
            double[] values =
                    Arrays.stream(factors.diagonal()).map(v -> v / frobenius).toArray();
            boolean complete = s >= d || s == g.columns();
            decision = RankGap.decide(values, complete);
            if (decision.hasGap()) {
                basis = columns(fold, d, factors.pivots(), decision.rank());
                DenseAlgebra.orthonormalise(basis, d, decision.rank());
            }
            if (decision.hasGap() || complete) {
                break;
            }
        }
        return new HostRowSpace(d, decision, Orthonormal.append(basis, d, append));
    }

    @Override
    public double[] residuals(RowSpace space, double[] vectors) {
        int d = space.dimension();
        int n = vectors.length / d;
        int r = space.rank();
        double[] coefficients = new double[n * r];
        // The column-major basis is Qᵀ row by row.
        DenseAlgebra.multiply(false, true, n, r, d, 1, vectors, space.basis(), 0, coefficients);
        double[] result = vectors.clone();
        DenseAlgebra.multiply(false, false, n, d, r, -1, coefficients, space.basis(), 1, result);
        return result;
    }

    private static double frobenius(Matrix g) {
        double[] rows = new double[g.rows()];
        Species.parallel(g.rows(), i -> {
            FloatVector sum = FloatVector.zero(Species.FLOAT);
            int j = i * g.columns();
            int end = j + g.columns();
            for (; j <= end - Species.LANES; j += Species.LANES) {
                FloatVector x = FloatVector.fromArray(Species.FLOAT, g.data(), j);
                sum = x.fma(x, sum);
            }
            double total = sum.reduceLanes(jdk.incubator.vector.VectorOperators.ADD);
            for (; j < end; j++) {
                total += (double) g.data()[j] * g.data()[j];
            }
            rows[i] = total;
        });
        return Math.sqrt(Arrays.stream(rows).sum());
    }

    /** d × s, column-major. */
    private static float[] fold(Matrix g, int s) {
        int d = g.rows();
        int m = g.columns();
        float[] signs = new float[m];
        SplittableRandom random = new SplittableRandom(SIGN_SEED);
        for (int j = 0; j < m; j++) {
            signs[j] = random.nextBoolean() ? 1 : -1;
        }
        float[] folded = new float[d * s];
        Species.chunks(d, 16, (chunk, from, to) -> {
            float[] row = new float[s];
            for (int i = from; i < to; i++) {
                Arrays.fill(row, 0);
                for (int start = 0; start < m; start += s) {
                    int width = Math.min(s, m - start);
                    for (int b = 0; b < width; b++) {
                        row[b] += signs[start + b] * g.data()[i * m + start + b];
                    }
                }
                for (int b = 0; b < s; b++) {
                    folded[b * d + i] = row[b];
                }
            }
        });
        return folded;
    }

    private static double[] columns(float[] fold, int d, int[] pivots, int rank) {
        double[] columns = new double[d * rank];
        for (int c = 0; c < rank; c++) {
            for (int i = 0; i < d; i++) {
                columns[c * d + i] = fold[pivots[c] * d + i];
            }
        }
        return columns;
    }
}
