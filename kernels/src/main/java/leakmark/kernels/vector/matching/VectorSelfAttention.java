package leakmark.kernels.vector.matching;

import java.util.Arrays;
import leakmark.kernels.matching.Layer.SelfAttention;
import leakmark.kernels.matching.Shape.Rows;
import leakmark.kernels.vector.Species;

/**
 * S = QKᵀ/√(d/H), P = softmax(S), O = PV, per head; backward δP = δO Vᵀ, δS = P∘(δP − Σ P∘δP); the tangents by the product
 * rule. Rows of one query are made and used before the next, so that only P, δP, δS and Ṗ are kept.
 */
final class VectorSelfAttention extends VectorLayer {
    private final int images;
    private final int length;
    private final int d;
    private final int heads;
    private final int size;
    private final boolean causal;
    private final float scale;
    private final int inputWidth;
    private final int outputWidth;
    /** Images × heads × rows × rows. */
    private final float[] p;

    private final float[] pDot;
    private final float[] dp;
    private final float[] ds;
    /** Σ_j P δP of each query. */
    private final float[] sums;

    private final float[] row;
    private final float[] y;
    private final float[] yDot;
    private final float[] dx;
    private final float[] dxDot;
    private float[] x = {};
    private float[] xDot = {};
    private float[] dy = {};

    VectorSelfAttention(SelfAttention layer, Rows input, int images) {
        this.images = images;
        length = input.count();
        d = input.features() / 3;
        heads = layer.heads();
        size = d / heads;
        causal = layer.causal();
        scale = (float) (1 / Math.sqrt(size));
        inputWidth = Species.padded(input.features());
        outputWidth = Species.padded(d);
        int pairs = Math.multiplyExact(images * heads, length * length);
        p = new float[pairs];
        pDot = new float[pairs];
        dp = new float[pairs];
        ds = new float[pairs];
        sums = new float[images * heads * length];
        row = new float[length];
        y = new float[images * length * outputWidth];
        yDot = new float[y.length];
        dx = new float[images * length * inputWidth];
        dxDot = new float[dx.length];
    }

    private int seen(int query) {
        return causal ? query + 1 : length;
    }

    private int q(int image, int head, int position) {
        return (image * length + position) * inputWidth + head * size;
    }

    private int k(int image, int head, int position) {
        return q(image, head, position) + d;
    }

    private int v(int image, int head, int position) {
        return q(image, head, position) + 2 * d;
    }

    private int o(int image, int head, int position) {
        return (image * length + position) * outputWidth + head * size;
    }

    private int pairs(int image, int head, int query) {
        return ((image * heads + head) * length + query) * length;
    }

    @Override
    float[] forward(float[] input) {
        x = input;
        Arrays.fill(y, 0);
        for (int m = 0; m < images; m++) {
            for (int h = 0; h < heads; h++) {
                for (int i = 0; i < length; i++) {
                    int at = pairs(m, h, i);
                    int keys = seen(i);
                    float largest = Float.NEGATIVE_INFINITY;
                    for (int j = 0; j < keys; j++) {
                        p[at + j] = scale * Lanes.dot(x, q(m, h, i), x, k(m, h, j), size);
                        largest = Math.max(largest, p[at + j]);
                    }
                    float sum = 0;
                    for (int j = 0; j < keys; j++) {
                        p[at + j] = (float) Math.exp(p[at + j] - largest);
                        sum += p[at + j];
                    }
                    for (int j = 0; j < keys; j++) {
                        p[at + j] /= sum;
                        Lanes.add(p[at + j], x, v(m, h, j), y, o(m, h, i), size);
                    }
                }
            }
        }
        return y;
    }

    @Override
    float[] backward(float[] outputGradient, float[] g) {
        dy = outputGradient;
        Arrays.fill(dx, 0);
        for (int m = 0; m < images; m++) {
            for (int h = 0; h < heads; h++) {
                for (int i = 0; i < length; i++) {
                    int at = pairs(m, h, i);
                    int keys = seen(i);
                    float sum = 0;
                    for (int j = 0; j < keys; j++) {
                        dp[at + j] = Lanes.dot(dy, o(m, h, i), x, v(m, h, j), size);
                        sum += p[at + j] * dp[at + j];
                    }
                    sums[at / length] = sum;
                    for (int j = 0; j < keys; j++) {
                        ds[at + j] = p[at + j] * (dp[at + j] - sum);
                        Lanes.add(p[at + j], dy, o(m, h, i), dx, v(m, h, j), size);
                        Lanes.add(scale * ds[at + j], x, k(m, h, j), dx, q(m, h, i), size);
                        Lanes.add(scale * ds[at + j], x, q(m, h, i), dx, k(m, h, j), size);
                    }
                }
            }
        }
        return dx;
    }

    @Override
    float[] tangentForward(float[] tangent, float[] u) {
        xDot = tangent;
        Arrays.fill(yDot, 0);
        for (int m = 0; m < images; m++) {
            for (int h = 0; h < heads; h++) {
                for (int i = 0; i < length; i++) {
                    int at = pairs(m, h, i);
                    int keys = seen(i);
                    float sum = 0;
                    for (int j = 0; j < keys; j++) {
                        row[j] = scale
                                * (Lanes.dot(xDot, q(m, h, i), x, k(m, h, j), size)
                                        + Lanes.dot(x, q(m, h, i), xDot, k(m, h, j), size));
                        sum += p[at + j] * row[j];
                    }
                    for (int j = 0; j < keys; j++) {
                        pDot[at + j] = p[at + j] * (row[j] - sum);
                        Lanes.add(pDot[at + j], x, v(m, h, j), yDot, o(m, h, i), size);
                        Lanes.add(p[at + j], xDot, v(m, h, j), yDot, o(m, h, i), size);
                    }
                }
            }
        }
        return yDot;
    }

    @Override
    float[] tangentBackward(float[] dyDot, float[] u) {
        Arrays.fill(dxDot, 0);
        for (int m = 0; m < images; m++) {
            for (int h = 0; h < heads; h++) {
                for (int i = 0; i < length; i++) {
                    secondOfQuery(dyDot, m, h, i);
                }
            }
        }
        return dxDot;
    }

    private void secondOfQuery(float[] dyDot, int m, int h, int i) {
        int at = pairs(m, h, i);
        int keys = seen(i);
        float sum = sums[at / length];
        float sumDot = 0;
        for (int j = 0; j < keys; j++) {
            row[j] = Lanes.dot(dyDot, o(m, h, i), x, v(m, h, j), size)
                    + Lanes.dot(dy, o(m, h, i), xDot, v(m, h, j), size);
            sumDot += pDot[at + j] * dp[at + j] + p[at + j] * row[j];
        }
        int query = q(m, h, i);
        for (int j = 0; j < keys; j++) {
            int key = k(m, h, j);
            int value = v(m, h, j);
            float second = scale * (pDot[at + j] * (dp[at + j] - sum) + p[at + j] * (row[j] - sumDot));
            float first = scale * ds[at + j];
            Lanes.add(pDot[at + j], dy, o(m, h, i), dxDot, value, size);
            Lanes.add(p[at + j], dyDot, o(m, h, i), dxDot, value, size);
            Lanes.add(second, x, key, dxDot, query, size);
            Lanes.add(first, xDot, key, dxDot, query, size);
            Lanes.add(second, x, query, dxDot, key, size);
            Lanes.add(first, xDot, query, dxDot, key, size);
        }
    }
}
