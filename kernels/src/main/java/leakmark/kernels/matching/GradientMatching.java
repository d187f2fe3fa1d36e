package leakmark.kernels.matching;

import java.util.List;
import java.util.Optional;
import leakmark.kernels.Cost;

/**
 * Distances of dummy gradients from shared ones, with their derivatives with respect to the dummy batch.
 *
 * <p>An attack has n images x (or sentences, as embeddings), n rows of label logits l, and a target g. With labels
 * {@code y = softmax(l)}, the mean loss ℓ and {@code g'(x, l) = ∇_W ℓ(x, y, W)}, an evaluation gives {@code D(g', g)},
 * {@code ∇_x D} and {@code ∇_l D}.
 *
 * <p>Method: with {@code u = ∂D/∂g'}, {@code ∇_x D = d/dε ∇_x ℓ(x, y, W + εu)} at 0. That is the tangent of the backward
 * pass in weight direction u: one forward and backward pass for g', then one tangent forward and tangent backward pass
 * that reuses their activations. No graph is recorded.
 *
 * <p>Hard labels are logits with one entry far above the others: from 200 apart on, y is exactly 0 and 1.
 */
public interface GradientMatching {
    /**
     * Prepares for many evaluations; all memory is taken here.
     *
     * @param parameters W, in the order of {@link Network#parameterShapes}; copied
     * @param attacks most attacks at a time
     * @param images n of each attack
     * @throws IllegalArgumentException if the parameters do not fit the network, or a count is not positive
     */
    Evaluator open(Network network, float[] parameters, int attacks, int images, Distance distance);

    /** How many attacks there is memory for where the gradients are matched; at least 1. The heap does not count. */
    default int attacksThatFit(Network network, int images) {
        return Integer.MAX_VALUE;
    }

    /** How many threads may evaluate side by side, each with an evaluator of its own; 1 where all attacks go together. */
    default int callers() {
        return 1;
    }

    /** Attacks that run whole on the device; empty where the optimiser runs on the host. */
    default Optional<ResidentInversion> residentInversion() {
        return Optional.empty();
    }

    /**
     * Independent attacks on one network. Arrays hold all attacks, one after the other, so that attack a of n images
     * has its inputs from {@code a · n · input size} on. Used by one thread at a time; an evaluation allocates nothing.
     */
    interface Evaluator extends AutoCloseable {
        /**
         * Sets the gradient an attack is to match.
         *
         * @param gradient g, one value a parameter; copied
         */
        void target(int attack, float[] gradient);

        /**
         * Evaluates some attacks. What belongs to the others is neither read nor written.
         *
         * @param active indices of attacks, each at most once
         * @param count how many of them
         * @param inputs x: attacks × n × input
         * @param labelLogits l: attacks × n × classes
         * @param distances receives D: attacks
         * @param inputGradients receives ∇_x D, as {@code inputs}
         * @param labelGradients receives ∇_l D, as {@code labelLogits}
         */
        void evaluate(
                int[] active,
                int count,
                float[] inputs,
                float[] labelLogits,
                double[] distances,
                float[] inputGradients,
                float[] labelGradients);

        /**
         * The gradient of one batch, as a client computes it.
         *
         * @param inputs n × input
         * @param labelLogits n × classes
         * @param gradient receives g'
         */
        void gradient(float[] inputs, float[] labelLogits, float[] gradient);

        @Override
        void close();
    }

    /**
     * Declared work of one attack's evaluation with n images. A product of a layer's parameters with an input counts
     * once forward, twice backward, twice tangent forward and twice tangent backward; layers up to the first with
     * parameters need no gradient of their input and no tangent of it (5 in place of 7). Attention's two products count 18.
     * Bytes: parameters and target once.
     */
    static Cost cost(Network network, int images) {
        double products = products(network.layers(), network.input(), new boolean[1]);
        return new Cost(2 * images * products, 8.0 * network.parameterCount());
    }

    private static double products(List<Layer> layers, Shape input, boolean[] started) {
        double sum = 0;
        Shape shape = input;
        for (Layer layer : layers) {
            if (layer instanceof Layer.Residual residual) {
                boolean[] side = started.clone();
                sum += products(residual.body(), shape, started) + products(residual.shortcut(), shape, side);
            } else if (layer instanceof Layer.SelfAttention) {
                double count = ((Shape.Rows) shape).count();
                sum += 9 * 2 * count * layer.output(shape).size();
            } else {
                sum += (started[0] ? 7 : 5) * layer.multiplyAdds(shape);
                started[0] |= layer.parameterCount() > 0;
            }
            shape = layer.output(shape);
        }
        return sum;
    }
}
