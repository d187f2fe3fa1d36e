package leakmark.attacks.published;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import java.util.Random;
import leakmark.attacks.model.ModelConfiguration;
import leakmark.attacks.model.ParameterNames;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TorchProgramTest {
    private static final ModelConfiguration CONFIGURATION = RandomModel.tiny();
    private static final PublicModel MODEL = RandomModel.of(CONFIGURATION, 3);

    /** Below and from d/2 on the projection is a product of two factors, and of one. */
    @ParameterizedTest
    @CsvSource({"0,1", "5,31", "6,32", "15,63"})
    void tokenDistancesAreThoseOfAFloat64Loop(int position, int rank) {
        int d = CONFIGURATION.hiddenSize();
        double[][] basis = reflection(d);
        float[] columns = new float[d * d];
        for (int i = 0; i < d; i++) {
            for (int j = 0; j < d; j++) {
                columns[i * d + j] = (float) basis[i][j];
            }
        }
        float[] actual;
        try (TorchProgram program = new TorchProgram(GradientSpan.RESOURCE, "dager.torchscript");
                PtNDManager manager = program.newManager()) {
            PtNDArray[] projectors = program.call(
                    manager, "projectors", TorchProgram.upload(manager, Tensor.matrix(d, d, columns)), (long) rank);
            assertEquals(2 * rank < d ? 2 : 1, projectors.length);
            PtNDArray[] parameters = {
                upload(manager, ParameterNames.TOKEN_EMBEDDING),
                upload(manager, ParameterNames.POSITION_EMBEDDING),
                upload(manager, ParameterNames.attentionNormScale(0)),
                upload(manager, ParameterNames.attentionNormShift(0))
            };
            actual = program
                    .call(
                            manager,
                            "token_distances",
                            parameters,
                            (long) position,
                            CONFIGURATION.layerNormEpsilon(),
                            projectors)[0]
                    .toFloatArray();
        }

        assertEquals(CONFIGURATION.vocabularySize(), actual.length);
        for (int token = 0; token < actual.length; token++) {
            double expected = distance(input(token, position), basis, rank);
            // Unit vectors: every product of length d rounds within d float32 half-ulps of 1.
            double error = Math.abs(actual[token] - expected);
            assertTrue(error <= 2 * d * 0x1p-24, "token " + token + ": " + actual[token] + " for " + expected);
        }
    }

    private static PtNDArray upload(PtNDManager manager, String name) {
        return TorchProgram.upload(manager, MODEL.weight(name));
    }

    /** An orthogonal matrix without zeros: I − 2hhᵀ / hᵀh. */
    private static double[][] reflection(int d) {
        Random random = new Random(4);
        double[] h = random.doubles(d, 0.5, 1.5).toArray();
        double square = 0;
        for (double value : h) {
            square += value * value;
        }
        double[][] result = new double[d][d];
        for (int i = 0; i < d; i++) {
            for (int j = 0; j < d; j++) {
                result[i][j] = (i == j ? 1 : 0) - 2 * h[i] * h[j] / square;
            }
        }
        return result;
    }

    private static double[] input(int token, int position) {
        int d = CONFIGURATION.hiddenSize();
        float[] tokens = MODEL.weight(ParameterNames.TOKEN_EMBEDDING).data();
        float[] positions = MODEL.weight(ParameterNames.POSITION_EMBEDDING).data();
        double[] x = new double[d];
        double mean = 0;
        for (int i = 0; i < d; i++) {
            x[i] = (double) tokens[token * d + i] + positions[position * d + i];
            mean += x[i] / d;
        }
        double variance = 0;
        for (int i = 0; i < d; i++) {
            variance += (x[i] - mean) * (x[i] - mean) / d;
        }
        for (int i = 0; i < d; i++) {
            x[i] = (x[i] - mean)
                            / Math.sqrt(variance + CONFIGURATION.layerNormEpsilon())
                            * MODEL.weight(ParameterNames.attentionNormScale(0)).data()[i]
                    + MODEL.weight(ParameterNames.attentionNormShift(0)).data()[i];
        }
        return x;
    }

    /** ‖x − RRᵀx‖ / ‖x‖ with R the first columns of the basis. */
    private static double distance(double[] x, double[][] basis, int rank) {
        double[] rest = x.clone();
        double square = 0;
        for (double value : x) {
            square += value * value;
        }
        for (int j = 0; j < rank; j++) {
            double along = 0;
            for (int i = 0; i < x.length; i++) {
                along += basis[i][j] * x[i];
            }
            for (int i = 0; i < x.length; i++) {
                rest[i] -= basis[i][j] * along;
            }
        }
        double left = 0;
        for (double value : rest) {
            left += value * value;
        }
        return Math.sqrt(left / square);
    }
}
