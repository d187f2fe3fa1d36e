package leakmark.attacks.dager;

import static leakmark.attacks.model.ParameterNames.POSITION_EMBEDDING;
import static leakmark.attacks.model.ParameterNames.TOKEN_EMBEDDING;
import static leakmark.attacks.model.ParameterNames.attentionNormScale;
import static leakmark.attacks.model.ParameterNames.attentionNormShift;
import static leakmark.attacks.model.ParameterNames.attentionOutput;
import static leakmark.attacks.model.ParameterNames.attentionOutputBias;
import static leakmark.attacks.model.ParameterNames.mlpInput;
import static leakmark.attacks.model.ParameterNames.mlpInputBias;
import static leakmark.attacks.model.ParameterNames.mlpNormScale;
import static leakmark.attacks.model.ParameterNames.mlpNormShift;
import static leakmark.attacks.model.ParameterNames.mlpOutput;
import static leakmark.attacks.model.ParameterNames.mlpOutputBias;

import java.util.HashMap;
import java.util.Map;
import leakmark.attacks.model.ModelConfiguration;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.Tensor;
import leakmark.kernels.dense.DenseAlgebra.Resident;

/**
 * The rest of the first transformer block in float64: attention outputs to the inputs of layer 2's attention. Keeps the
 * widened weights for the next call.
 */
final class FirstBlock {
    private final PublicModel model;
    private final ModelConfiguration configuration;
    private final int d;
    private final Map<String, Resident> weights = new HashMap<>();

    FirstBlock(PublicModel model) {
        this.model = model;
        this.configuration = model.configuration();
        this.d = configuration.hiddenSize();
    }

    /** The model it was made for. */
    PublicModel model() {
        return model;
    }

    /**
     * LayerNorm outputs in front of layer 2's attention.
     *
     * @param attentionOutputs attention outputs before the output projection, n × d
     * @param tokens token of each row
     * @param positions position of each row
     * @return n × d
     */
    synchronized double[] secondLayerInputs(double[] attentionOutputs, int[] tokens, int[] positions) {
        int n = tokens.length;
        double[] x = linear(attentionOutputs, n, attentionOutput(0), attentionOutputBias(0));
        addEmbeddings(x, tokens, positions);
        double[] inner = linear(normalised(x, mlpNormScale(0), mlpNormShift(0)), n, mlpInput(0), mlpInputBias(0));
        gelu(inner);
        add(x, linear(inner, n, mlpOutput(0), mlpOutputBias(0)));
        return normalised(x, attentionNormScale(1), attentionNormShift(1));
    }

    private void addEmbeddings(double[] x, int[] tokens, int[] positions) {
        float[] token = model.weight(TOKEN_EMBEDDING).data();
        float[] position = model.weight(POSITION_EMBEDDING).data();
        for (int row = 0; row < tokens.length; row++) {
            for (int e = 0; e < d; e++) {
                x[row * d + e] += (double) token[tokens[row] * d + e] + position[positions[row] * d + e];
            }
        }
    }

    private double[] normalised(double[] x, String scaleName, String shiftName) {
        float[] scale = model.weight(scaleName).data();
        float[] shift = model.weight(shiftName).data();
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
            double inverse = 1 / Math.sqrt(variance + configuration.layerNormEpsilon());
            for (int e = 0; e < d; e++) {
                result[at + e] = (x[at + e] - mean) * inverse * scale[e] + shift[e];
            }
        }
        return result;
    }

    private double[] linear(double[] x, int n, String weightName, String biasName) {
        return weights.computeIfAbsent(weightName, this::widened)
                .affine(x, n, model.weight(biasName).data());
    }

    private Resident widened(String name) {
        Tensor weight = model.weight(name);
        return new Resident(weight.rows(), weight.columns(), weight.data());
    }

    /** GELU in its tanh form, as GPT-2 has it; {@code tanh u = 1 − 2/(e^{2u} + 1)}. */
    private static void gelu(double[] x) {
        double scale = Math.sqrt(2 / Math.PI);
        for (int i = 0; i < x.length; i++) {
            double u = scale * (x[i] + 0.044715 * x[i] * x[i] * x[i]);
            x[i] *= 1 - 1 / (Math.exp(2 * u) + 1);
        }
    }

    private static void add(double[] x, double[] y) {
        for (int i = 0; i < x.length; i++) {
            x[i] += y[i];
        }
    }
}
