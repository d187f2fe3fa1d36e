package leakmark.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import leakmark.kernels.matching.Cases;
import leakmark.kernels.matching.Cases.Case;
import leakmark.kernels.matching.Distance;
import leakmark.kernels.matching.GradientMatching;
import leakmark.kernels.matching.GradientMatching.Evaluator;
import leakmark.kernels.matching.GradientMatchingContract;
import leakmark.kernels.matching.Network;
import leakmark.kernels.matching.Networks;
import leakmark.kernels.matching.Shape.Rows;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(NoLeaks.class)
class CudaGradientMatchingTest extends GradientMatchingContract {
    @Override
    protected GradientMatching kernel() {
        return new CudaKernels().gradientMatching();
    }

    /** Too large for the sanitizers; the small cases have all layers. */
    @Override
    @ParameterizedTest
    @MethodSource("published")
    protected void agreesWithTheOracleOnPublishedNetworks(Case test) {
        StandIn.unrecorded();
        super.agreesWithTheOracleOnPublishedNetworks(test);
    }

    @Nested
    class Rung0 extends GradientMatchingContract {
        @Override
        protected GradientMatching kernel() {
            return new CudaGradientMatching(CudaDevice.shared(), 0);
        }

        @Override
        protected void agreesWithTheOracleOnPublishedNetworks(Case test) {
            // Its layers are those of the last rung but for products of linear layers, which the small cases have.
        }
    }

    /** In every order of threads the same bits: no thread reads what another still writes. */
    @ParameterizedTest
    @MethodSource("cases")
    void ordersOfThreadsChangeNothing(Case test) {
        Network network = test.network();
        int inputs = test.images() * network.input().size();
        int labels = test.images() * network.classes();
        float[] x = Cases.gaussian(2 * inputs, 1, 1);
        float[] l = Cases.gaussian(2 * labels, 1, 2);
        float[] first = new float[0];
        StandIn.unrecorded();
        for (long order : StandIn.ORDERS) {
            StandIn.order(order);
            double[] values = new double[2];
            float[] dx = new float[2 * inputs];
            float[] dl = new float[2 * labels];
            try (Evaluator evaluator = kernel().open(network, test.parameters(), 2, test.images(), Distance.cosine())) {
                for (int a = 0; a < 2; a++) {
                    evaluator.target(a, Cases.gaussian(network.parameterCount(), 1, a));
                }
                evaluator.evaluate(new int[] {1, 0}, 2, x, l, values, dx, dl);
            }
            float[] all = new float[2 + dx.length + dl.length];
            all[0] = (float) values[0];
            all[1] = (float) values[1];
            System.arraycopy(dx, 0, all, 2, dx.length);
            System.arraycopy(dl, 0, all, 2 + dx.length, dl.length);
            if (order == StandIn.ORDERS.get(0)) {
                first = all;
            }
            assertArrayEquals(first, all, "order " + order);
        }
    }

    /** More attacks than blocks: each block has several, and memory that the others leave behind in its slot. */
    @Test
    void attacksShareBlocks() {
        Network network =
                Networks.multilayerPerceptron(new Rows(1, 3), 2, leakmark.kernels.matching.Layer.Activation.TANH);
        int attacks = 3 * CudaDevice.shared().multiprocessors() * 64;
        float[] x = Cases.gaussian(3, 1, 1);
        float[] all = new float[3 * attacks];
        int[] active = new int[attacks];
        for (int a = 0; a < attacks; a++) {
            System.arraycopy(x, 0, all, 3 * a, 3);
            active[a] = attacks - 1 - a;
        }
        double[] values = new double[attacks];
        try (Evaluator evaluator =
                kernel().open(network, Networks.uniform(network, 0.5, 1), attacks, 1, Distance.squared())) {
            for (int a = 0; a < attacks; a += 97) {
                evaluator.target(a, Cases.gaussian(network.parameterCount(), 1, 5));
            }
            evaluator.evaluate(
                    active,
                    attacks,
                    all,
                    new float[2 * attacks],
                    values,
                    new float[3 * attacks],
                    new float[2 * attacks]);
        }
        for (int a = 0; a < attacks; a++) {
            assertEquals(values[a % 97 == 0 ? 0 : 1], values[a], "attack " + a);
        }
        assertTrue(values[0] != values[1]);
    }

    @Test
    void whatDoesNotFitIsRefusedAndWhatFitsIsSaid() {
        StandIn.capacity(8 << 20);
        Network network = Networks.multilayerPerceptron(
                new Rows(1, 300), 20, leakmark.kernels.matching.Layer.Activation.SIGMOID, 100);
        float[] parameters = Networks.uniform(network, 0.5, 1);
        int fits = kernel().attacksThatFit(network, 1);
        assertTrue(fits > 1 && fits < 100, "attacks that fit: " + fits);
        kernel().open(network, parameters, fits, 1, Distance.squared()).close();
        CudaError refused =
                assertThrows(CudaError.class, () -> kernel().open(network, parameters, 100, 1, Distance.squared()));
        assertTrue(String.valueOf(refused.getMessage()).contains("MiB are free"), refused.getMessage());
        assertEquals(List.of(), CudaDevice.shared().unreleased());
    }
}
