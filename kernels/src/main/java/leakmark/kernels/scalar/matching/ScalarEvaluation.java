package leakmark.kernels.scalar.matching;

import leakmark.kernels.matching.Distance;
import leakmark.kernels.matching.Network;

/** One attack in float64: the gradient of a batch, and the distance from a target with its derivatives. */
public final class ScalarEvaluation {
    private final Network network;
    private final double[] w;
    private final int images;
    private final ScalarSequence[] passes;
    private final double[][] p;
    private final double[][] y;

    /**
     * An attack.
     *
     * @param parameters in the order of {@link Network#parameterShapes}
     * @param images in the batch
     */
    public ScalarEvaluation(Network network, double[] parameters, int images) {
        this.network = network;
        this.w = parameters;
        this.images = images;
        passes = new ScalarSequence[images];
        for (int m = 0; m < images; m++) {
            passes[m] = new ScalarSequence(network.layers(), network.input(), 0);
        }
        p = new double[images][];
        y = new double[images][];
    }

    /**
     * D with its derivatives.
     *
     * @param value D
     * @param inputGradient ∇_x D
     * @param labelGradient ∇_l D
     */
    public record Matched(double value, double[] inputGradient, double[] labelGradient) {}

    /** g'(x, l). */
    public double[] gradient(double[] inputs, double[] labelLogits) {
        int size = network.input().size();
        int classes = network.classes();
        double[] g = new double[w.length];
        for (int m = 0; m < images; m++) {
            double[] logits = passes[m].forward(java.util.Arrays.copyOfRange(inputs, m * size, (m + 1) * size), w);
            p[m] = softmax(logits, 0, classes);
            y[m] = softmax(labelLogits, m * classes, classes);
            double[] dz = new double[classes];
            for (int c = 0; c < classes; c++) {
                dz[c] = (p[m][c] - y[m][c]) / images;
            }
            passes[m].backward(dz, w, g);
        }
        return g;
    }

    /** D(g'(x, l), g). */
    public Matched evaluate(double[] inputs, double[] labelLogits, double[] target, Distance distance) {
        int size = network.input().size();
        int classes = network.classes();
        double[] g = gradient(inputs, labelLogits);
        double[] u = new double[g.length];
        double value = distance(g, target, distance, u);
        double[] dx = new double[images * size];
        double[] dl = new double[images * classes];
        for (int m = 0; m < images; m++) {
            double[] zDot = passes[m].tangentForward(new double[size], w, u);
            double underP = 0;
            double underY = 0;
            for (int c = 0; c < classes; c++) {
                underP += p[m][c] * zDot[c];
                underY += y[m][c] * zDot[c];
            }
            double[] dzDot = new double[classes];
            for (int c = 0; c < classes; c++) {
                dzDot[c] = p[m][c] * (zDot[c] - underP) / images;
                dl[m * classes + c] = -y[m][c] * (zDot[c] - underY) / images;
            }
            System.arraycopy(passes[m].tangentBackward(dzDot, w, u), 0, dx, m * size, size);
        }
        return new Matched(value, dx, dl);
    }

    /** D, and ∂D/∂g' into {@code u}. */
    private static double distance(double[] g, double[] target, Distance distance, double[] u) {
        double product = 0;
        double square = 0;
        double targetSquare = 0;
        double value = 0;
        for (int k = 0; k < g.length; k++) {
            double r = g[k] - target[k];
            product += g[k] * target[k];
            square += g[k] * g[k];
            targetSquare += target[k] * target[k];
            value += r * r + distance.alpha() * Math.abs(r);
            u[k] = 2 * r + distance.alpha() * Math.signum(r);
        }
        if (distance.kind() != Distance.Kind.COSINE) {
            return value;
        }
        double norms = Math.sqrt(square * targetSquare);
        for (int k = 0; k < g.length; k++) {
            u[k] = (g[k] * product / square - target[k]) / norms;
        }
        return 1 - product / norms;
    }

    private static double[] softmax(double[] logits, int from, int count) {
        double largest = Double.NEGATIVE_INFINITY;
        for (int c = 0; c < count; c++) {
            largest = Math.max(largest, logits[from + c]);
        }
        double sum = 0;
        double[] result = new double[count];
        for (int c = 0; c < count; c++) {
            result[c] = Math.exp(logits[from + c] - largest);
            sum += result[c];
        }
        for (int c = 0; c < count; c++) {
            result[c] /= sum;
        }
        return result;
    }
}
