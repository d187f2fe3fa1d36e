package leakmark.attacks.model;

import java.util.List;
import leakmark.attacks.AttackException;
import leakmark.kernels.matching.Layer.Activation;
import leakmark.kernels.matching.Network;
import leakmark.kernels.matching.Networks;
import leakmark.kernels.matching.Shape.Image;

/** Image classifiers by name, with the weights that DLG's papers start from. */
public final class NetworkPresets {
    /** DLG's published bound of uniform weights. */
    public static final double PUBLISHED_BOUND = 0.5;

    private static final List<String> NAMES = List.of("lenet", "lenet-relu", "mlp", "mlp-relu", "resnet20");

    private NetworkPresets() {}

    /** The presets' names, the published one first. */
    public static List<String> names() {
        return NAMES;
    }

    /**
     * Layers of a preset.
     *
     * @throws AttackException if there is no such preset or it takes no such input
     */
    public static Network network(String name, Image input, int classes) {
        try {
            Network network = switch (name) {
                case "lenet" -> Networks.leNet(input, classes, Activation.SIGMOID);
                case "lenet-relu" -> Networks.leNet(input, classes, Activation.RELU);
                case "mlp" -> Networks.multilayerPerceptron(input, classes, Activation.SIGMOID, 256, 64);
                case "mlp-relu" -> Networks.multilayerPerceptron(input, classes, Activation.RELU, 256, 64);
                case "resnet20" -> Networks.resNet20(input, classes, Activation.SIGMOID);
                default ->
                    throw new AttackException("model " + SafeTensorsHeader.quoted(name) + " takes no images; there are "
                            + String.join(", ", NAMES));
            };
            // Counted here, where what an array cannot hold can be told.
            network.parameterCount();
            return network;
        } catch (IllegalArgumentException e) {
            throw new AttackException("model " + name + " cannot be made: " + e.getMessage(), e);
        } catch (ArithmeticException e) {
            throw new AttackException(
                    "model " + name + " cannot be made: " + classes + " classes of " + input.channels() + " × "
                            + input.height() + " × " + input.width() + " give it more parameters than an array holds",
                    e);
        }
    }

    /**
     * A preset with weights U(−0.5, 0.5) from a seed, as DLG publishes; ReLU networks U(−0.1, 0.1), for their values grow
     * from layer to layer; the deep network U(−0.2, 0.2), for nothing passes it otherwise.
     */
    public static PublicNetwork open(String name, Image input, int classes, long seed) {
        Network network = network(name, input, classes);
        double bound = switch (name) {
            case "lenet-relu", "mlp-relu" -> 0.1;
            case "resnet20" -> 0.2;
            default -> PUBLISHED_BOUND;
        };
        return new PublicNetwork(name, network, Networks.uniform(network, bound, seed));
    }
}
