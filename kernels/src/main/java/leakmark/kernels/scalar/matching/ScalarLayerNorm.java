package leakmark.kernels.scalar.matching;

import leakmark.kernels.matching.Layer.LayerNorm;

/**
 * Rows of d features. With x̂ = (x − μ)/σ and P(v) = v − mean(v) − x̂ mean(v x̂): ∂ℓ/∂x = P(γ ∂ℓ/∂y)/σ, and the tangent of
 * x̂ is P(ẋ)/σ.
 */
final class ScalarLayerNorm extends ScalarLayer {
    private final LayerNorm layer;
    private final int d;
    private final int offset;
    private double[] normal = {};
    private double[] normalDot = {};
    private double[] sigma = {};
    private double[] sigmaDot = {};
    private double[] dy = {};
    private double[] dx = {};

    ScalarLayerNorm(LayerNorm layer, int offset) {
        this.layer = layer;
        this.d = layer.features();
        this.offset = offset;
    }

    @Override
    double[] forward(double[] x, double[] w) {
        normal = new double[x.length];
        sigma = new double[x.length / d];
        double[] y = new double[x.length];
        for (int r = 0; r < sigma.length; r++) {
            double mean = 0;
            for (int i = r * d; i < (r + 1) * d; i++) {
                mean += x[i] / d;
            }
            double variance = 0;
            for (int i = r * d; i < (r + 1) * d; i++) {
                variance += (x[i] - mean) * (x[i] - mean) / d;
            }
            sigma[r] = Math.sqrt(variance + layer.epsilon());
            for (int i = r * d; i < (r + 1) * d; i++) {
                normal[i] = (x[i] - mean) / sigma[r];
                y[i] = w[offset + i % d] * normal[i] + w[offset + d + i % d];
            }
        }
        return y;
    }

    @Override
    double[] backward(double[] outputGradient, double[] w, double[] g) {
        dy = outputGradient;
        dx = new double[dy.length];
        double[] scaled = new double[dy.length];
        for (int i = 0; i < dy.length; i++) {
            g[offset + i % d] += dy[i] * normal[i];
            g[offset + d + i % d] += dy[i];
            scaled[i] = w[offset + i % d] * dy[i];
        }
        for (int r = 0; r < sigma.length; r++) {
            double mean = mean(r, scaled, null);
            double along = mean(r, scaled, normal);
            for (int i = r * d; i < (r + 1) * d; i++) {
                dx[i] = (scaled[i] - mean - normal[i] * along) / sigma[r];
            }
        }
        return dx;
    }

    @Override
    double[] tangentForward(double[] xDot, double[] w, double[] u) {
        normalDot = new double[xDot.length];
        sigmaDot = new double[sigma.length];
        double[] y = new double[xDot.length];
        for (int r = 0; r < sigma.length; r++) {
            double mean = mean(r, xDot, null);
            sigmaDot[r] = mean(r, xDot, normal);
            for (int i = r * d; i < (r + 1) * d; i++) {
                normalDot[i] = (xDot[i] - mean - normal[i] * sigmaDot[r]) / sigma[r];
                y[i] = w[offset + i % d] * normalDot[i] + u[offset + i % d] * normal[i] + u[offset + d + i % d];
            }
        }
        return y;
    }

    @Override
    double[] tangentBackward(double[] dyDot, double[] w, double[] u) {
        double[] scaled = new double[dyDot.length];
        double[] scaledDot = new double[dyDot.length];
        for (int i = 0; i < dyDot.length; i++) {
            scaled[i] = w[offset + i % d] * dy[i];
            scaledDot[i] = w[offset + i % d] * dyDot[i] + u[offset + i % d] * dy[i];
        }
        double[] result = new double[dyDot.length];
        for (int r = 0; r < sigma.length; r++) {
            double mean = mean(r, scaledDot, null);
            double along = mean(r, scaled, normal);
            double alongDot = mean(r, scaledDot, normal) + mean(r, scaled, normalDot);
            for (int i = r * d; i < (r + 1) * d; i++) {
                result[i] = (scaledDot[i] - mean - normalDot[i] * along - normal[i] * alongDot - dx[i] * sigmaDot[r])
                        / sigma[r];
            }
        }
        return result;
    }

    private double mean(int row, double[] a, double @org.jspecify.annotations.Nullable [] b) {
        double sum = 0;
        for (int i = row * d; i < (row + 1) * d; i++) {
            sum += b == null ? a[i] : a[i] * b[i];
        }
        return sum / d;
    }
}
