package leakmark.attacks.model;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import leakmark.kernels.dense.DenseAlgebra.Resident;

/** Linear layers and LayerNorms of a public model in float64. Keeps the widened weights for the next call; any thread may call. */
public final class Float64Layers {
    private final PublicModel model;
    private final int d;
    private final Map<String, Resident> weights = new ConcurrentHashMap<>();

    public Float64Layers(PublicModel model) {
        this.model = model;
        this.d = model.configuration().hiddenSize();
    }

    /**
     * {@code X W + b}.
     *
     * @param x n × d_in
     * @return n × d_out
     */
    public double[] linear(double[] x, int n, String weightName, String biasName) {
        return weights.computeIfAbsent(weightName, this::widened)
                .affine(x, n, model.weight(biasName).data());
    }

    private Resident widened(String name) {
        Tensor weight = model.weight(name);
        return new Resident(weight.rows(), weight.columns(), weight.data());
    }

    /** {@code γ (x − mean) / √(variance + ε) + β} of every row of d numbers. */
    public double[] normalised(double[] x, String scaleName, String shiftName) {
        float[] scale = model.weight(scaleName).data();
        float[] shift = model.weight(shiftName).data();
        double epsilon = model.configuration().layerNormEpsilon();
        double[] result = new double[x.length];
        for (int at = 0; at < x.length; at += d) {
            double mean = 0;
            for (int e = 0; e < d; e++) {
                mean += x[at + e] / d;
            }
            double variance = 0;
            for (int e = 0; e < d; e++) {
                variance += (x[at + e] - mean) * (x[at + e] - mean) / d;
            }
            double inverse = 1 / Math.sqrt(variance + epsilon);
            for (int e = 0; e < d; e++) {
                result[at + e] = (x[at + e] - mean) * inverse * scale[e] + shift[e];
            }
        }
        return result;
    }

    /** Adds y to x: a residual connection. */
    public static void add(double[] x, double[] y) {
        for (int i = 0; i < x.length; i++) {
            x[i] += y[i];
        }
    }
}
