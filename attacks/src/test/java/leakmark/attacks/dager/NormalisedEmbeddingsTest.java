package leakmark.attacks.dager;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import leakmark.attacks.model.ParameterNames;
import leakmark.attacks.model.PublicModel;
import leakmark.kernels.Matrix;
import leakmark.kernels.scalar.ScalarKernels;
import org.junit.jupiter.api.Test;

/** Against LayerNorm as its formula stands, in float64. */
class NormalisedEmbeddingsTest {
    private static final PublicModel MODEL = Scenario.tiny(0.05);
    private static final int D = MODEL.configuration().hiddenSize();
    private static final int[] TOKENS = {0, 7, 511, 7, 300};
    private static final int POSITIONS = 5;
    private final NormalisedEmbeddings embeddings = new NormalisedEmbeddings(MODEL, new ScalarKernels());

    /** {@code (x − μ)/σ}, without γ and β, and 1/σ behind it. */
    private static double[] normalised(int token, int position) {
        float[] e = MODEL.weight(ParameterNames.TOKEN_EMBEDDING).data();
        float[] p = MODEL.weight(ParameterNames.POSITION_EMBEDDING).data();
        double[] x = new double[D + 1];
        double mean = 0;
        for (int i = 0; i < D; i++) {
            x[i] = (double) e[token * D + i] + p[position * D + i];
            mean += x[i] / D;
        }
        double variance = 0;
        for (int i = 0; i < D; i++) {
            variance += (x[i] - mean) * (x[i] - mean) / D;
        }
        x[D] = 1 / Math.sqrt(variance + MODEL.configuration().layerNormEpsilon());
        for (int i = 0; i < D; i++) {
            x[i] = (x[i] - mean) * x[D];
        }
        return x;
    }

    @Test
    void partsAndInverseSigmaMakeUpLayerNorm() {
        float[] scale = MODEL.weight(ParameterNames.attentionNormScale(0)).data();
        Matrix tokenParts = embeddings.tokenParts(TOKENS);
        Matrix positionParts = embeddings.positionParts(0, POSITIONS);
        Matrix inverseSigma = embeddings.layer().inverseSigma(TOKENS, POSITIONS);
        for (int t = 0; t < TOKENS.length; t++) {
            for (int i = 0; i < POSITIONS; i++) {
                double[] expected = normalised(TOKENS[t], i);
                assertEquals(expected[D], inverseSigma.at(t, i), 0x1p-23 * expected[D]);
                for (int e = 0; e < D; e++) {
                    double actual = ((double) tokenParts.at(t, e) + positionParts.at(i, e)) * inverseSigma.at(t, i);
                    // Three roundings of float32, of values up to a few σ.
                    assertEquals(scale[e] * expected[e], actual, 3 * 0x1p-24 * 8);
                }
            }
        }
        assertArrayEquals(MODEL.weight(ParameterNames.attentionNormShift(0)).data(), embeddings.shift());
    }

    /** The raw table times the folded sketch is the centred, scaled input times the sketch, but for 1/σ. */
    @Test
    void foldedSketchHoldsCentringAndScale() {
        int columns = 3;
        Random random = new Random(1);
        float[] values = new float[D * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        Matrix sketch = new Matrix(D, columns, values);
        Matrix folded = embeddings.folded(sketch);
        float[] scale = MODEL.weight(ParameterNames.attentionNormScale(0)).data();
        Matrix tokens = embeddings.tokenRows(TOKENS);
        Matrix positions = embeddings.positionRows(0, POSITIONS);
        for (int t = 0; t < TOKENS.length; t++) {
            for (int i = 0; i < POSITIONS; i++) {
                double[] input = normalised(TOKENS[t], i);
                for (int c = 0; c < columns; c++) {
                    double expected = 0;
                    double actual = 0;
                    double size = 0;
                    for (int e = 0; e < D; e++) {
                        double x = (double) tokens.at(t, e) + positions.at(i, e);
                        expected += scale[e] * input[e] * sketch.at(e, c) / input[D];
                        actual += x * folded.at(e, c);
                        size += Math.abs(x * folded.at(e, c));
                    }
                    // Rounding of the folded sketch.
                    assertEquals(expected, actual, 0x1p-23 * size);
                }
            }
        }
    }

    @Test
    void rowsAreThePublishedOnes() {
        float[] p = MODEL.weight(ParameterNames.POSITION_EMBEDDING).data();
        assertEquals(p[3 * D + 1], embeddings.positionRows(2, 5).at(1, 1));
        assertEquals(
                MODEL.weight(ParameterNames.TOKEN_EMBEDDING).data()[511 * D],
                embeddings.tokenRows(TOKENS).at(2, 0));
        assertEquals(512, embeddings.layer().tokens().rows());
    }
}
