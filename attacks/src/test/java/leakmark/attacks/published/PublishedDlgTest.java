package leakmark.attacks.published;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import leakmark.attacks.AttackException;
import leakmark.attacks.dlg.Victim;
import leakmark.attacks.model.NetworkPresets;
import leakmark.attacks.model.PublicNetwork;
import leakmark.attacks.optim.Lbfgs;
import leakmark.kernels.matching.Distance;
import leakmark.kernels.matching.GradientMatching.Evaluator;
import leakmark.kernels.matching.Layer;
import leakmark.kernels.matching.Network;
import leakmark.kernels.matching.Networks;
import leakmark.kernels.matching.Shape.Image;
import leakmark.kernels.matching.Shape.Rows;
import leakmark.kernels.scalar.ScalarKernels;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PublishedDlgTest {
    static Stream<PublicNetwork> networks() {
        Network encoder = Networks.encoder(new Rows(5, 12), 3, 1, 2);
        Network decoder = Networks.decoder(new Rows(4, 8), 2, 2, 3);
        Network pools = new Network(
                new Image(2, 9, 11),
                List.of(
                        new Layer.Convolution(2, 5, 2, 1, 0),
                        Layer.Activation.GELU,
                        new Layer.MaxPool(2),
                        Layer.Activation.TANH,
                        new Layer.AveragePool(2),
                        new Layer.Flatten(),
                        new Layer.Linear(20, 3)));
        return Stream.of(
                new PublicNetwork("pools", pools, Networks.uniform(pools, 0.5, 7)),
                NetworkPresets.open("lenet", new Image(3, 11, 13), 7, 1),
                NetworkPresets.open("lenet-relu", new Image(1, 9, 9), 3, 2),
                NetworkPresets.open("mlp", new Image(1, 5, 7), 4, 3),
                NetworkPresets.open("resnet20", new Image(3, 8, 9), 2, 4),
                new PublicNetwork("encoder", encoder, Networks.normal(encoder, 0.3, 5)),
                new PublicNetwork("decoder", decoder, Networks.normal(decoder, 0.3, 6)));
    }

    /** Double backward and the tangent of the backward pass are two ways to one derivative. */
    @ParameterizedTest
    @MethodSource("networks")
    void pytorchAndTheFloat64OracleAgree(PublicNetwork model) {
        int batchSize = 2;
        int inputs = batchSize * model.network().input().size();
        int labels = batchSize * model.network().classes();
        float[] point = normal(inputs + labels, 1);
        float[] x = java.util.Arrays.copyOf(point, inputs);
        float[] logits = java.util.Arrays.copyOfRange(point, inputs, inputs + labels);
        float[] gradient = new float[model.parameters().length];
        float[] target = normal(gradient.length, 2);
        double[] distance = new double[1];
        float[] dx = new float[inputs];
        float[] dl = new float[labels];
        try (Evaluator evaluator = new ScalarKernels()
                .gradientMatching()
                .open(model.network(), model.parameters(), 1, batchSize, Distance.squared())) {
            evaluator.gradient(x, logits, gradient);
            evaluator.target(0, target);
            evaluator.evaluate(new int[1], 1, x, logits, distance, dx, dl);
        }
        try (PublishedDlg published = new PublishedDlg(model);
                PublishedDlg.MeasuredObjective objective = published.objective(new Victim(target, batchSize))) {
            close(gradient, published.gradient(x, logits), 0);
            double[] loss = new double[1];
            float[][] slopes = new float[1][inputs + labels];
            for (int call = 0; call < 3; call++) {
                // TorchScript compiles anew after its first runs.
                objective.evaluate(1, new int[1], new float[][] {point}, loss, slopes);
                assertEquals(distance[0], loss[0], 1e-5 * distance[0]);
                close(dx, slopes[0], 0);
                close(dl, slopes[0], inputs);
            }
        }
    }

    private static float[] normal(int count, long seed) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /** float32 sums of up to a few thousand products along some twenty layers: 1e-4 of the largest value. */
    private static void close(float[] expected, float[] actual, int from) {
        double largest = 0;
        for (float value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        assertTrue(largest > 0);
        for (int i = 0; i < expected.length; i++) {
            double error = Math.abs(expected[i] - actual[from + i]);
            assertTrue(error <= 1e-4 * largest, i + ": " + actual[from + i] + " for " + expected[i]);
        }
    }

    @Test
    void aForeignGradientIsRefused() {
        try (PublishedDlg published = new PublishedDlg(NetworkPresets.open("mlp", new Image(1, 5, 7), 4, 3))) {
            assertThrows(
                    AttackException.class,
                    () -> published.invert(new Victim(new float[3], 1), Lbfgs.published(), 10, 0, 1));
        }
    }
}
