package leakmark.kernels.vector.matching;

import leakmark.kernels.matching.Layer.LayerNorm;

/**
 * Rows of d features. With x̂ = (x − μ)/σ and P(v) = v − mean(v) − x̂ mean(v x̂): ∂ℓ/∂x = P(γ ∂ℓ/∂y)/σ, and the tangent of
 * x̂ is P(ẋ)/σ. Element by element, compiled to vectors by the JIT where it can: it is a thousandth of a layer's work.
 */
final class VectorLayerNorm extends VectorLayer {
    private final double epsilon;
    private final int d;
    private final int rows;
    private final int width;
    private final int scaleAt;
    private final int shiftAt;
    private final float[] w;
    private final float[] inverse;
    private final float[] growth;
    private final float[] normal;
    private final float[] normalDot;
    private final float[] scaled;
    private final float[] scaledDot;
    private final float[] y;
    private final float[] yDot;
    private final float[] dx;
    private final float[] dxDot;
    private float[] dy = {};

    VectorLayerNorm(LayerNorm layer, Layout in, float[] w, int offset) {
        this.w = w;
        epsilon = layer.epsilon();
        d = layer.features();
        rows = in.rows();
        width = in.width();
        scaleAt = offset;
        shiftAt = offset + width;
        inverse = new float[rows];
        growth = new float[rows];
        normal = new float[in.size()];
        normalDot = new float[in.size()];
        scaled = new float[in.size()];
        scaledDot = new float[in.size()];
        y = new float[in.size()];
        yDot = new float[in.size()];
        dx = new float[in.size()];
        dxDot = new float[in.size()];
    }

    @Override
    float[] forward(float[] x) {
        for (int r = 0; r < rows; r++) {
            int at = r * width;
            float mean = Lanes.total(x, at, d) / d;
            for (int i = 0; i < d; i++) {
                normal[at + i] = x[at + i] - mean;
            }
            float variance = Lanes.dot(normal, at, normal, at, d) / d;
            float factor = (float) (1 / Math.sqrt(variance + epsilon));
            inverse[r] = factor;
            for (int i = 0; i < d; i++) {
                normal[at + i] *= factor;
                y[at + i] = w[scaleAt + i] * normal[at + i] + w[shiftAt + i];
            }
        }
        return y;
    }

    @Override
    float[] backward(float[] outputGradient, float[] g) {
        dy = outputGradient;
        Lanes.columnSums(dy, rows, width, g, shiftAt);
        java.util.Arrays.fill(g, scaleAt, scaleAt + d, 0);
        for (int r = 0; r < rows; r++) {
            int at = r * width;
            for (int i = 0; i < d; i++) {
                g[scaleAt + i] += dy[at + i] * normal[at + i];
                scaled[at + i] = w[scaleAt + i] * dy[at + i];
            }
            float mean = Lanes.total(scaled, at, d) / d;
            float along = Lanes.dot(scaled, at, normal, at, d) / d;
            for (int i = 0; i < d; i++) {
                dx[at + i] = (scaled[at + i] - mean - normal[at + i] * along) * inverse[r];
            }
        }
        return dx;
    }

    @Override
    float[] tangentForward(float[] xDot, float[] u) {
        for (int r = 0; r < rows; r++) {
            int at = r * width;
            float mean = Lanes.total(xDot, at, d) / d;
            float along = Lanes.dot(xDot, at, normal, at, d) / d;
            growth[r] = along;
            for (int i = 0; i < d; i++) {
                float dot = (xDot[at + i] - mean - normal[at + i] * along) * inverse[r];
                normalDot[at + i] = dot;
                yDot[at + i] = w[scaleAt + i] * dot + u[scaleAt + i] * normal[at + i] + u[shiftAt + i];
            }
        }
        return yDot;
    }

    @Override
    float[] tangentBackward(float[] dyDot, float[] u) {
        for (int r = 0; r < rows; r++) {
            int at = r * width;
            for (int i = 0; i < d; i++) {
                scaledDot[at + i] = w[scaleAt + i] * dyDot[at + i] + u[scaleAt + i] * dy[at + i];
            }
            float mean = Lanes.total(scaledDot, at, d) / d;
            float along = Lanes.dot(scaled, at, normal, at, d) / d;
            float alongDot = (Lanes.dot(scaledDot, at, normal, at, d) + Lanes.dot(scaled, at, normalDot, at, d)) / d;
            for (int i = 0; i < d; i++) {
                dxDot[at + i] = (scaledDot[at + i]
                                - mean
                                - normalDot[at + i] * along
                                - normal[at + i] * alongDot
                                - dx[at + i] * growth[r])
                        * inverse[r];
            }
        }
        return dxDot;
    }
}
