package leakmark.kernels.scalar;

import java.util.Arrays;
import leakmark.kernels.DeviceMatrix;
import leakmark.kernels.HostRowSpace;
import leakmark.kernels.Matrix;
import leakmark.kernels.Orthonormal;
import leakmark.kernels.RankDecision;
import leakmark.kernels.RankGap;
import leakmark.kernels.RowSpace;
import leakmark.kernels.SpanProjection;

/** Column-pivoted Gram-Schmidt on the whole gradient, and projections by plain loops. */
final class ScalarSpanProjection implements SpanProjection {
    @Override
    public RowSpace rowSpace(DeviceMatrix gradient, float[]... append) {
        Matrix g = gradient.toHost();
        int d = g.rows();
        int m = g.columns();
        double[][] columns = new double[m][d];
        double frobenius = 0;
        for (int j = 0; j < m; j++) {
            for (int i = 0; i < d; i++) {
                columns[j][i] = g.at(i, j);
                frobenius += columns[j][i] * columns[j][i];
            }
        }
        frobenius = Math.sqrt(frobenius);
        int steps = frobenius == 0 ? 0 : Math.min(d, m);
        double[] values = new double[steps];
        double[] basis = new double[steps * d];
        for (int step = 0; step < steps; step++) {
            double[] pivot = longest(columns);
            double length = Math.sqrt(dot(pivot, pivot));
            values[step] = length / frobenius;
            if (length == 0) {
                break;
            }
            double[] q = Arrays.stream(pivot).map(value -> value / length).toArray();
            System.arraycopy(q, 0, basis, step * d, d);
            for (double[] column : columns) {
                for (int pass = 0; pass < 2; pass++) {
                    double along = dot(q, column);
                    for (int i = 0; i < d; i++) {
                        column[i] -= along * q[i];
                    }
                }
            }
        }
        RankDecision decision = RankGap.decide(values);
        double[] kept = Arrays.copyOf(basis, Math.max(decision.rank(), 0) * d);
        return new HostRowSpace(d, decision, Orthonormal.append(kept, d, append));
    }

    @Override
    public double[] residuals(RowSpace space, double[] vectors) {
        int d = space.dimension();
        double[] q = space.basis();
        double[] result = vectors.clone();
        for (int start = 0; start < vectors.length; start += d) {
            for (int column = 0; column < q.length; column += d) {
                double along = 0;
                for (int i = 0; i < d; i++) {
                    along += q[column + i] * vectors[start + i];
                }
                for (int i = 0; i < d; i++) {
                    result[start + i] -= along * q[column + i];
                }
            }
        }
        return result;
    }

    private static double[] longest(double[][] columns) {
        double[] best = columns[0];
        for (double[] column : columns) {
            if (dot(column, column) > dot(best, best)) {
                best = column;
            }
        }
        return best.clone();
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
