package leakmark.kernels.vector.matching;

import leakmark.kernels.matching.Distance;
import leakmark.kernels.matching.Network;
import org.jspecify.annotations.Nullable;

/** The buffers of one evaluation, which one core fills for one attack after the other. */
final class AttackPass {
    private final VectorSequence layers;
    private final CrossEntropy loss;
    private final Distances distances;
    /** Where each value of an attack's input lies in {@link #x}. */
    private final int[] places;

    /** The last layer, if its gradient is one outer product that is compared without being stored. */
    private final @Nullable VectorLinear outerProduct;

    private final float[] x;
    /** g', then u. */
    private final float[] g;

    AttackPass(Network network, float[] w, int images, Distance distance) {
        layers = new VectorSequence(network.layers(), network.input(), images, w, 0);
        loss = new CrossEntropy(network, images);
        distances = new Distances(distance);
        places = Layout.places(network.input(), images);
        x = new float[Layout.of(network.input(), images).size()];
        g = new float[w.length];
        outerProduct = distance.kind() == Distance.Kind.SQUARED
                        && layers.last() instanceof VectorLinear linear
                        && linear.single()
                ? linear
                : null;
    }

    /** g'(x, l), packed; kept until the next call. */
    float[] wholeGradient(float[] inputs, float[] labelLogits) {
        if (outerProduct != null) {
            outerProduct.setImplicit(false);
        }
        return gradient(inputs, 0, labelLogits, 0);
    }

    private float[] gradient(float[] inputs, int inputAt, float[] labelLogits, int labelAt) {
        for (int n = 0; n < places.length; n++) {
            x[places[n]] = inputs[inputAt + n];
        }
        layers.firstBackward(loss.gradient(layers.forward(x), labelLogits, labelAt), g);
        return g;
    }

    /** D, with its derivatives written at the same places as the arguments are read. */
    double evaluate(
            float[] inputs,
            int inputAt,
            float[] labelLogits,
            int labelAt,
            float[] targets,
            int targetAt,
            float[] inputGradients,
            float[] labelGradients) {
        double value = match(inputs, inputAt, labelLogits, labelAt, targets, targetAt);
        float[] dzDot = loss.tangent(layers.firstTangentForward(g), labelGradients, labelAt);
        float[] dx = layers.firstTangentBackward(dzDot, g);
        for (int n = 0; n < places.length; n++) {
            inputGradients[inputAt + n] = dx[places[n]];
        }
        return value;
    }

    /** D; leaves u. */
    private double match(float[] inputs, int inputAt, float[] labelLogits, int labelAt, float[] targets, int targetAt) {
        VectorLinear last = outerProduct;
        if (last == null) {
            gradient(inputs, inputAt, labelLogits, labelAt);
            return distances.directionInPlace(g, targets, targetAt, g.length);
        }
        last.setImplicit(true);
        gradient(inputs, inputAt, labelLogits, labelAt);
        return distances.directionInPlace(g, targets, targetAt, last.offset()) + last.match(targets, targetAt);
    }
}
