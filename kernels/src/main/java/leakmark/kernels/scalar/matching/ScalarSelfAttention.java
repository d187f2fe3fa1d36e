package leakmark.kernels.scalar.matching;

import leakmark.kernels.matching.Layer.SelfAttention;
import leakmark.kernels.matching.Shape.Rows;

/**
 * S = QKᵀ/√(d/H), P = softmax(S), O = PV, per head; backward δP = δO Vᵀ, δS = P∘(δP − Σ P∘δP); the tangents by the product
 * rule.
 */
final class ScalarSelfAttention extends ScalarLayer {
    private final int length;
    private final int d;
    private final int heads;
    private final boolean causal;
    private final double scale;
    private double[] x = {};
    private double[] xDot = {};
    private double[] dy = {};
    /** Heads × rows × rows. */
    private double[] p = {};

    private double[] pDot = {};
    private double[] dp = {};
    private double[] ds = {};

    ScalarSelfAttention(SelfAttention layer, Rows input) {
        this.length = input.count();
        this.d = input.features() / 3;
        this.heads = layer.heads();
        this.causal = layer.causal();
        this.scale = 1 / Math.sqrt((double) d / heads);
    }

    /** Runs over all pairs of a query row and a key row it sees. */
    private void pairs(Pair pair) {
        for (int h = 0; h < heads; h++) {
            for (int i = 0; i < length; i++) {
                for (int j = 0; j < (causal ? i + 1 : length); j++) {
                    pair.accept(h, i, j, (h * length + i) * length + j);
                }
            }
        }
    }

    private interface Pair {
        void accept(int head, int query, int key, int at);
    }

    private int q(int row, int head) {
        return row * 3 * d + head * (d / heads);
    }

    private int k(int row, int head) {
        return q(row, head) + d;
    }

    private int v(int row, int head) {
        return q(row, head) + 2 * d;
    }

    private int o(int row, int head) {
        return row * d + head * (d / heads);
    }

    private double dot(double[] a, int aAt, double[] b, int bAt) {
        double sum = 0;
        for (int e = 0; e < d / heads; e++) {
            sum += a[aAt + e] * b[bAt + e];
        }
        return sum;
    }

    private void add(double factor, double[] a, int aAt, double[] b, int bAt) {
        for (int e = 0; e < d / heads; e++) {
            b[bAt + e] += factor * a[aAt + e];
        }
    }

    /** Σ_j a_ij b_ij for every head and query. */
    private double[] rowSums(double[] a, double[] b) {
        double[] sums = new double[heads * length];
        pairs((h, i, j, at) -> sums[h * length + i] += a[at] * b[at]);
        return sums;
    }

    @Override
    double[] forward(double[] input, double[] w) {
        x = input;
        p = new double[heads * length * length];
        double[] largest = new double[heads * length];
        java.util.Arrays.fill(largest, Double.NEGATIVE_INFINITY);
        pairs((h, i, j, at) -> {
            p[at] = scale * dot(x, q(i, h), x, k(j, h));
            largest[h * length + i] = Math.max(largest[h * length + i], p[at]);
        });
        double[] sums = new double[heads * length];
        pairs((h, i, j, at) -> {
            p[at] = Math.exp(p[at] - largest[h * length + i]);
            sums[h * length + i] += p[at];
        });
        double[] y = new double[length * d];
        pairs((h, i, j, at) -> {
            p[at] /= sums[h * length + i];
            add(p[at], x, v(j, h), y, o(i, h));
        });
        return y;
    }

    @Override
    double[] backward(double[] outputGradient, double[] w, double[] g) {
        dy = outputGradient;
        dp = new double[p.length];
        ds = new double[p.length];
        pairs((h, i, j, at) -> dp[at] = dot(dy, o(i, h), x, v(j, h)));
        double[] sums = rowSums(p, dp);
        double[] dx = new double[x.length];
        pairs((h, i, j, at) -> {
            ds[at] = p[at] * (dp[at] - sums[h * length + i]);
            add(p[at], dy, o(i, h), dx, v(j, h));
            add(scale * ds[at], x, k(j, h), dx, q(i, h));
            add(scale * ds[at], x, q(i, h), dx, k(j, h));
        });
        return dx;
    }

    @Override
    double[] tangentForward(double[] tangent, double[] w, double[] u) {
        xDot = tangent;
        double[] sDot = new double[p.length];
        pairs((h, i, j, at) -> sDot[at] = scale * (dot(xDot, q(i, h), x, k(j, h)) + dot(x, q(i, h), xDot, k(j, h))));
        double[] sums = rowSums(p, sDot);
        pDot = new double[p.length];
        double[] y = new double[length * d];
        pairs((h, i, j, at) -> {
            pDot[at] = p[at] * (sDot[at] - sums[h * length + i]);
            add(pDot[at], x, v(j, h), y, o(i, h));
            add(p[at], xDot, v(j, h), y, o(i, h));
        });
        return y;
    }

    @Override
    double[] tangentBackward(double[] dyDot, double[] w, double[] u) {
        double[] dpDot = new double[p.length];
        pairs((h, i, j, at) -> dpDot[at] = dot(dyDot, o(i, h), x, v(j, h)) + dot(dy, o(i, h), xDot, v(j, h)));
        double[] sums = rowSums(p, dp);
        double[] first = rowSums(pDot, dp);
        double[] second = rowSums(p, dpDot);
        double[] result = new double[x.length];
        pairs((h, i, j, at) -> {
            int row = h * length + i;
            double dsDot = pDot[at] * (dp[at] - sums[row]) + p[at] * (dpDot[at] - first[row] - second[row]);
            add(pDot[at], dy, o(i, h), result, v(j, h));
            add(p[at], dyDot, o(i, h), result, v(j, h));
            add(scale * dsDot, x, k(j, h), result, q(i, h));
            add(scale * ds[at], xDot, k(j, h), result, q(i, h));
            add(scale * dsDot, x, q(i, h), result, k(j, h));
            add(scale * ds[at], xDot, q(i, h), result, k(j, h));
        });
        return result;
    }
}
