package leakmark.kernels.cuda;

import java.util.Locale;
import leakmark.kernels.Cost;
import leakmark.kernels.cuda.KernelCosts.Precision;
import leakmark.kernels.cuda.KernelCosts.Roofs;
import leakmark.kernels.cuda.KernelCosts.Work;
import leakmark.kernels.matching.GradientMatching;
import leakmark.kernels.matching.Network;

/** Declared work of gradient matching on a device, from shapes alone. */
public final class MatchingCosts {
    /** Evaluations of a launch behind the first, which has one. */
    private static final int EVALUATIONS = 20;

    private MatchingCosts() {}

    /** One launch that evaluates so many attacks; parameters are read once for all, targets once each. */
    public static Work evaluation(Network network, int images, int attacks) {
        return new Work("gradient_matching", 1, Precision.FLOAT32, false, evaluations(network, images, attacks, 1));
    }

    /**
     * Whole attacks. An accepted step goes over all pairs of L-BFGS twice: 8 m v FLOP and 16 m v bytes for m pairs of v
     * variables.
     *
     * @param evaluations of one attack
     * @param iterations steps accepted by one attack
     * @param history m
     */
    public static Work inversion(
            Network network, int images, int attacks, int evaluations, int iterations, int history) {
        double variables = images * (double) (network.input().size() + network.classes());
        double pairs = (double) attacks * iterations * history * variables;
        return new Work(
                "gradient_search",
                1 + (evaluations + EVALUATIONS - 2) / EVALUATIONS,
                Precision.FLOAT32,
                false,
                evaluations(network, images, attacks, evaluations).plus(new Cost(8 * pairs, 16 * pairs)));
    }

    private static Cost evaluations(Network network, int images, int attacks, int evaluations) {
        double times = (double) attacks * evaluations;
        double parameters = 4.0 * network.parameterCount();
        return new Cost(times * GradientMatching.cost(network, images).flops(), (times + 1) * parameters);
    }

    /** A line that says what is least possible, marked as a prediction. */
    public static String prediction(Work work, int attacks, Roofs roofs) {
        double seconds = KernelCosts.seconds(work, roofs);
        return String.format(
                Locale.ROOT,
                "PREDICTED from declared work, nothing measured: %s, %d attacks: %.2f TFLOP, %.2f TB, %.3f s, %.0f attacks/s",
                work.kernel(),
                attacks,
                work.cost().flops() * 1e-12,
                work.cost().bytes() * 1e-12,
                seconds,
                attacks / seconds);
    }
}
