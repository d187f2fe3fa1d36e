package leakmark.attacks.dager;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import leakmark.attacks.dager.PrefixScores.Direction;
import leakmark.attacks.model.Tensor;
import leakmark.kernels.FirstLayer;
import leakmark.kernels.KernelProviders;
import leakmark.kernels.Matrix;
import leakmark.kernels.PrefixExtension.Survivors;
import org.junit.jupiter.api.Test;

/** Against the definition: each vector made, orthogonalised and measured by itself in float64. */
class PrefixScoresTest {
    private static final int[] BAG = {3, 11, 40, 41, 97};
    private static final int POSITIONS = 7;

    private final Random random = new Random(4);

    private Matrix normal(int rows, int columns) {
        Matrix matrix = Matrix.zeros(rows, columns);
        for (int i = 0; i < matrix.data().length; i++) {
            matrix.data()[i] = (float) random.nextGaussian();
        }
        return matrix;
    }

    private static double gain(Matrix signal, double[] x, List<double[]> basis) {
        double[] rest = x.clone();
        for (double[] q : basis) {
            double product = 0;
            for (int e = 0; e < rest.length; e++) {
                product += q[e] * rest[e];
            }
            for (int e = 0; e < rest.length; e++) {
                rest[e] -= product * q[e];
            }
        }
        double square = 0;
        for (double value : rest) {
            square += value * value;
        }
        double gain = 0;
        for (int k = 0; k < signal.rows(); k++) {
            double product = 0;
            for (int e = 0; e < rest.length; e++) {
                product += signal.at(k, e) * rest[e];
            }
            gain += product * product / square;
        }
        return gain;
    }

    private static List<double[]> units(List<Direction> directions) {
        List<double[]> units = new ArrayList<>();
        for (Direction direction : directions) {
            double[] unit = new double[direction.unit().length];
            for (int e = 0; e < unit.length; e++) {
                unit[e] = direction.unit()[e];
            }
            units.add(unit);
        }
        return units;
    }

    @Test
    void sumsOfPartsGiveTheGain() {
        try (NormalisedEmbeddings embeddings = new NormalisedEmbeddings(Scenario.tiny(0.02), KernelProviders.best())) {
            FirstLayer layer = embeddings.layer();
            int d = layer.hiddenSize();
            Matrix inputSignal = normal(5, d);
            Matrix attentionSignal = normal(3, d);
            // All entries of full precision: nothing is whitened.
            Whitened plain = Whitened.of(Tensor.matrix(1, 2, new float[] {1 / 3f, 1 / 7f}));
            PrefixScores scores = new PrefixScores(layer, plain, plain, inputSignal, attentionSignal, BAG, POSITIONS);
            double[] outputs = random.doubles(4L * d, -1, 1).toArray();
            List<Direction> inputs = new ArrayList<>(List.of(scores.input(2, 0, List.of())));
            inputs.add(scores.input(4, 1, inputs));
            List<Direction> attention = new ArrayList<>(List.of(scores.output(outputs, 3, List.of())));
            Survivors survivors = new Survivors(2, new int[] {-1, 0, 0}, new int[] {1, 2, 0}, 3);
            double[] gains =
                    scores.gains(survivors, outputs, List.of(List.of(), inputs), List.of(List.of(), attention));
            Matrix tokens = layer.tokenParts(BAG);
            Matrix positions = layer.positionParts(0, POSITIONS);
            for (int s = 0; s < 3; s++) {
                double[] x = new double[d];
                double[] z = new double[d];
                for (int e = 0; e < d; e++) {
                    x[e] = (double) tokens.at(survivors.tokens()[s], e) + positions.at(2, e);
                    z[e] = outputs[s * d + e];
                }
                boolean extends0 = survivors.prefixes()[s] == 0;
                double expected = gain(inputSignal, x, extends0 ? units(inputs) : List.of())
                        + gain(attentionSignal, z, extends0 ? units(attention) : List.of());
                // Sums of d products in float32.
                assertEquals(expected, gains[s], 64 * 0x1p-24 * d * expected);
            }
        }
    }
}
