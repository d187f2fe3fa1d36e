package leakmark.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import leakmark.kernels.cuda.KernelCosts.Roofs;
import leakmark.kernels.cuda.KernelCosts.Work;
import leakmark.kernels.matching.Layer.Activation;
import leakmark.kernels.matching.Network;
import leakmark.kernels.matching.Networks;
import leakmark.kernels.matching.Shape.Image;
import leakmark.kernels.matching.Shape.Rows;
import org.junit.jupiter.api.Test;

class MatchingCostsTest {
    /** One linear layer of 3 × 4 and its bias, counted by hand: five products of 12, 16 parameters, 3 + 4 variables. */
    @Test
    void countsByHand() {
        Network network = Networks.multilayerPerceptron(new Rows(1, 3), 4, Activation.TANH);
        Work once = MatchingCosts.evaluation(network, 1, 10);
        assertEquals(10 * 2 * 5 * 12.0, once.cost().flops());
        assertEquals(11 * 4 * 16.0, once.cost().bytes());
        Work whole = MatchingCosts.inversion(network, 1, 10, 41, 30, 20);
        assertEquals(10 * 41 * 120.0 + 8.0 * 10 * 30 * 20 * 7, whole.cost().flops());
        assertEquals(411 * 64.0 + 16.0 * 10 * 30 * 20 * 7, whole.cost().bytes());
        // 1, 20 and 20 evaluations.
        assertEquals(3, whole.launches());
        assertEquals(1, MatchingCosts.inversion(network, 1, 10, 1, 0, 20).launches());
    }

    @Test
    void thePredictionSaysWhatItIs() {
        Network network = Networks.leNet(new Image(3, 32, 32), 100, Activation.SIGMOID);
        Work whole = MatchingCosts.inversion(network, 1, 4096, 500, 450, 100);
        String line = MatchingCosts.prediction(whole, 4096, Roofs.H200);
        assertTrue(
                line.startsWith("PREDICTED from declared work, nothing measured: gradient_search, 4096 attacks"), line);
        assertTrue(HostCompiler.shipped().stream()
                .anyMatch(source ->
                        HostCompiler.kernels(PtxCompiler.readSource(source)).contains(whole.kernel())));
    }
}
