package leakmark.attacks.dager;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import leakmark.attacks.model.ParameterNames;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.Tensor;
import org.junit.jupiter.api.Test;

/** Against the block written plainly, one vector at a time. */
class FirstBlockTest {
    private static final PublicModel MODEL = Scenario.tiny(0.1);
    private static final int D = MODEL.configuration().hiddenSize();

    private static double[] linear(double[] x, String weightName, String biasName) {
        Tensor weight = MODEL.weight(weightName);
        double[] y = new double[weight.columns()];
        for (int j = 0; j < y.length; j++) {
            y[j] = MODEL.weight(biasName).data()[j];
            for (int i = 0; i < x.length; i++) {
                y[j] += x[i] * weight.data()[i * y.length + j];
            }
        }
        return y;
    }

    private static double[] layerNorm(double[] x, String scaleName, String shiftName) {
        double mean = 0;
        double square = 0;
        for (double value : x) {
            mean += value / x.length;
            square += value * value / x.length;
        }
        double[] y = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            y[i] = MODEL.weight(scaleName).data()[i]
                            * (x[i] - mean)
                            / Math.sqrt(
                                    square - mean * mean + MODEL.configuration().layerNormEpsilon())
                    + MODEL.weight(shiftName).data()[i];
        }
        return y;
    }

    private static double[] expected(double[] attention, int token, int position) {
        double[] x = linear(attention, ParameterNames.attentionOutput(0), ParameterNames.attentionOutputBias(0));
        for (int i = 0; i < D; i++) {
            x[i] += MODEL.weight(ParameterNames.TOKEN_EMBEDDING).data()[token * D + i];
            x[i] += MODEL.weight(ParameterNames.POSITION_EMBEDDING).data()[position * D + i];
        }
        double[] inner = linear(
                layerNorm(x, ParameterNames.mlpNormScale(0), ParameterNames.mlpNormShift(0)),
                ParameterNames.mlpInput(0),
                ParameterNames.mlpInputBias(0));
        for (int i = 0; i < inner.length; i++) {
            double u = inner[i];
            inner[i] = 0.5 * u * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (u + 0.044715 * u * u * u)));
        }
        double[] out = linear(inner, ParameterNames.mlpOutput(0), ParameterNames.mlpOutputBias(0));
        for (int i = 0; i < D; i++) {
            x[i] += out[i];
        }
        return layerNorm(x, ParameterNames.attentionNormScale(1), ParameterNames.attentionNormShift(1));
    }

    @Test
    void equalsThePlainFormula() {
        int[] tokens = {3, 511, 0};
        int[] positions = {0, 63, 5};
        double[] attention = new Random(4).doubles(3L * D, -20, 20).toArray();
        FirstBlock block = new FirstBlock(MODEL);
        // Twice: the second call meets widened weights.
        for (int call = 0; call < 2; call++) {
            double[] actual = block.secondLayerInputs(attention, tokens, positions);
            for (int n = 0; n < 3; n++) {
                double[] row = new double[D];
                System.arraycopy(attention, n * D, row, 0, D);
                double[] expected = expected(row, tokens[n], positions[n]);
                for (int e = 0; e < D; e++) {
                    assertEquals(expected[e], actual[n * D + e], 1e-11);
                }
            }
        }
    }
}
