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

import leakmark.attacks.model.Float64Layers;
import leakmark.attacks.model.PublicModel;

/**
 * The rest of the first transformer block in float64: attention outputs to the inputs of layer 2's attention.
 */
final class FirstBlock {
    private final PublicModel model;
    private final int d;
    private final Float64Layers layers;

    FirstBlock(PublicModel model) {
        this.model = model;
        this.d = model.configuration().hiddenSize();
        this.layers = new Float64Layers(model);
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
    double[] secondLayerInputs(double[] attentionOutputs, int[] tokens, int[] positions) {
        int n = tokens.length;
        double[] x = layers.linear(attentionOutputs, n, attentionOutput(0), attentionOutputBias(0));
        addEmbeddings(x, tokens, positions);
        double[] inner =
                layers.linear(layers.normalised(x, mlpNormScale(0), mlpNormShift(0)), n, mlpInput(0), mlpInputBias(0));
        gelu(inner);
        Float64Layers.add(x, layers.linear(inner, n, mlpOutput(0), mlpOutputBias(0)));
        return layers.normalised(x, attentionNormScale(1), attentionNormShift(1));
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

    /** GELU in its tanh form, as GPT-2 has it; {@code tanh u = 1 − 2/(e^{2u} + 1)}. */
    private static void gelu(double[] x) {
        double scale = Math.sqrt(2 / Math.PI);
        for (int i = 0; i < x.length; i++) {
            double u = scale * (x[i] + 0.044715 * x[i] * x[i] * x[i]);
            x[i] *= 1 - 1 / (Math.exp(2 * u) + 1);
        }
    }
}
