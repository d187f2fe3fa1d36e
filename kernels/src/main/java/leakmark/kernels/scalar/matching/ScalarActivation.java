package leakmark.kernels.scalar.matching;

import leakmark.kernels.matching.Layer.Activation;

/** f, f' and f'' of every value. */
final class ScalarActivation extends ScalarLayer {
    private static final double CUBIC = 0.044715;

    private final Activation function;
    private double[] x = {};
    private double[] xDot = {};
    private double[] dy = {};

    ScalarActivation(Activation function) {
        this.function = function;
    }

    @Override
    double[] forward(double[] input, double[] w) {
        x = input;
        double[] y = new double[x.length];
        for (int i = 0; i < y.length; i++) {
            y[i] = derivatives(function, x[i])[0];
        }
        return y;
    }

    @Override
    double[] backward(double[] outputGradient, double[] w, double[] g) {
        dy = outputGradient;
        double[] dx = new double[x.length];
        for (int i = 0; i < dx.length; i++) {
            dx[i] = derivatives(function, x[i])[1] * dy[i];
        }
        return dx;
    }

    @Override
    double[] tangentForward(double[] tangent, double[] w, double[] u) {
        xDot = tangent;
        double[] y = new double[x.length];
        for (int i = 0; i < y.length; i++) {
            y[i] = derivatives(function, x[i])[1] * xDot[i];
        }
        return y;
    }

    @Override
    double[] tangentBackward(double[] dyDot, double[] w, double[] u) {
        double[] dx = new double[x.length];
        for (int i = 0; i < dx.length; i++) {
            double[] f = derivatives(function, x[i]);
            dx[i] = f[1] * dyDot[i] + f[2] * xDot[i] * dy[i];
        }
        return dx;
    }

    /** f(x), f'(x), f''(x). */
    private static double[] derivatives(Activation function, double x) {
        switch (function) {
            case SIGMOID -> {
                double y = 1 / (1 + Math.exp(-x));
                return new double[] {y, y * (1 - y), y * (1 - y) * (1 - 2 * y)};
            }
            case TANH -> {
                double y = Math.tanh(x);
                return new double[] {y, 1 - y * y, -2 * y * (1 - y * y)};
            }
            case RELU -> {
                return new double[] {Math.max(x, 0), x > 0 ? 1 : 0, 0};
            }
            case GELU -> {
                double density = Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
                double mass = (1 + erf(x / Math.sqrt(2))) / 2;
                return new double[] {x * mass, mass + x * density, density * (2 - x * x)};
            }
            case GELU_TANH -> {
                double scale = Math.sqrt(2 / Math.PI);
                double t = Math.tanh(scale * (x + CUBIC * x * x * x));
                double inner = scale * (1 + 3 * CUBIC * x * x);
                double t1 = (1 - t * t) * inner;
                double t2 = (1 - t * t) * 6 * scale * CUBIC * x - 2 * t * t1 * inner;
                return new double[] {x * (1 + t) / 2, (1 + t + x * t1) / 2, t1 + x * t2 / 2};
            }
        }
        throw new IllegalArgumentException("unknown activation " + function);
    }

    /** {@code 2/√π e^(−x²) Σ 2ⁿ x^(2n+1) / (2n+1)!!}: no cancellation; 1 to the last bit beyond 6. */
    private static double erf(double x) {
        if (Math.abs(x) > 6) {
            return Math.signum(x);
        }
        double term = x;
        double sum = x;
        for (int n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }
        return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
    }
}
