package leakmark.kernels.scalar.matching;

/** Layers that are linear in the input and in the weight: sums of terms {@code y_o += w_k x_i}, and {@code y_o += w_k}. */
abstract class ScalarBilinear extends ScalarLayer {
    private static final int BIAS = -1;

    private final int inputs;
    private final int outputs;
    private double[] x = {};
    private double[] dy = {};

    ScalarBilinear(int inputs, int outputs) {
        this.inputs = inputs;
        this.outputs = outputs;
    }

    /** Names all terms; the input of a bias is {@link #bias}. */
    abstract void terms(Term term);

    static int bias() {
        return BIAS;
    }

    /** Indices of an output, a parameter and an input that are multiplied. */
    interface Term {
        void accept(int output, int parameter, int input);
    }

    private static double at(double[] values, int index, double one) {
        return index == BIAS ? one : values[index];
    }

    @Override
    double[] forward(double[] input, double[] w) {
        x = input;
        double[] y = new double[outputs];
        terms((o, k, i) -> y[o] += w[k] * at(input, i, 1));
        return y;
    }

    @Override
    double[] backward(double[] outputGradient, double[] w, double[] g) {
        dy = outputGradient;
        double[] dx = new double[inputs];
        terms((o, k, i) -> {
            g[k] += outputGradient[o] * at(x, i, 1);
            if (i != BIAS) {
                dx[i] += outputGradient[o] * w[k];
            }
        });
        return dx;
    }

    @Override
    double[] tangentForward(double[] xDot, double[] w, double[] u) {
        double[] y = new double[outputs];
        terms((o, k, i) -> y[o] += w[k] * at(xDot, i, 0) + u[k] * at(x, i, 1));
        return y;
    }

    @Override
    double[] tangentBackward(double[] dyDot, double[] w, double[] u) {
        double[] dx = new double[inputs];
        terms((o, k, i) -> {
            if (i != BIAS) {
                dx[i] += dyDot[o] * w[k] + dy[o] * u[k];
            }
        });
        return dx;
    }
}
