package leakmark.kernels.matching;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import leakmark.kernels.matching.Layer.Activation;
import leakmark.kernels.matching.Layer.AveragePool;
import leakmark.kernels.matching.Layer.Convolution;
import leakmark.kernels.matching.Layer.Flatten;
import leakmark.kernels.matching.Layer.GlobalAverage;
import leakmark.kernels.matching.Layer.LastRow;
import leakmark.kernels.matching.Layer.LayerNorm;
import leakmark.kernels.matching.Layer.Linear;
import leakmark.kernels.matching.Layer.MaxPool;
import leakmark.kernels.matching.Layer.PositionEmbedding;
import leakmark.kernels.matching.Layer.Residual;
import leakmark.kernels.matching.Layer.SelfAttention;
import leakmark.kernels.matching.Shape.Image;
import leakmark.kernels.matching.Shape.Rows;

/** Networks with every kind of layer in awkward sizes, and random batches for them. */
public final class Cases {
    private Cases() {}

    /** A network under a name, its weights, and the images of an attack. */
    public record Case(String name, Network network, float[] parameters, int images) {
        @Override
        public String toString() {
            return name + " × " + images;
        }
    }

    /** Small enough for central differences. */
    public static Stream<Case> small() {
        List<Case> cases = new ArrayList<>();
        for (Activation activation : Activation.values()) {
            cases.add(of(
                    "perceptron " + activation,
                    Networks.multilayerPerceptron(new Rows(1, 7), 3, activation, 5, 17),
                    2));
            cases.add(of(
                    "rows " + activation,
                    network(new Rows(3, 9), new Linear(9, 18), activation, new Linear(18, 5), new GlobalAverage()),
                    1));
        }
        cases.add(of("one linear layer", network(new Rows(1, 3), new Linear(3, 4)), 1));
        cases.add(convolution(1, 1, 1, 1, 0, 1, 1));
        cases.add(convolution(1, 3, 3, 1, 1, 5, 4));
        cases.add(convolution(3, 12, 5, 2, 2, 9, 8));
        cases.add(convolution(2, 17, 2, 3, 1, 10, 7));
        cases.add(convolution(5, 16, 3, 2, 0, 8, 11));
        cases.add(convolution(4, 5, 4, 3, 3, 6, 19));
        cases.add(convolution(20, 3, 1, 2, 0, 5, 6));
        cases.add(convolution(17, 2, 3, 1, 2, 3, 3));
        cases.add(of(
                "average pool",
                network(new Image(3, 7, 6), new AveragePool(2), Activation.SIGMOID, new Flatten(), new Linear(27, 3)),
                2));
        cases.add(of(
                "max pool",
                network(
                        new Image(2, 6, 6),
                        new Convolution(2, 5, 3, 1, 1),
                        Activation.TANH,
                        new MaxPool(3),
                        new Flatten(),
                        new Linear(20, 3)),
                2));
        cases.add(of(
                "global average",
                network(
                        new Image(2, 5, 6),
                        new Convolution(2, 18, 3, 2, 1),
                        Activation.TANH,
                        new GlobalAverage(),
                        new Linear(18, 4)),
                2));
        cases.add(of(
                "residual",
                network(
                        new Image(2, 5, 5),
                        new Residual(
                                List.of(
                                        new Convolution(2, 3, 3, 2, 1),
                                        Activation.SIGMOID,
                                        new Convolution(3, 3, 3, 1, 1)),
                                List.of(new Convolution(2, 3, 1, 2, 0))),
                        Activation.SIGMOID,
                        new Residual(List.of(new Convolution(3, 3, 3, 1, 1)), List.of()),
                        new Flatten(),
                        new Linear(27, 2)),
                2));
        cases.add(of(
                "layer norm",
                network(new Rows(3, 19), new LayerNorm(19, 1e-3), new Linear(19, 4), Activation.TANH, new LastRow()),
                2));
        cases.add(of(
                "layer norm of one",
                network(new Rows(2, 1), new LayerNorm(1, 1e-3), new Linear(1, 4), new GlobalAverage()),
                1));
        for (boolean causal : new boolean[] {false, true}) {
            cases.add(of(
                    "attention " + causal,
                    network(
                            new Rows(5, 6),
                            new PositionEmbedding(5, 6),
                            new Linear(6, 54),
                            new SelfAttention(3, causal),
                            new Linear(18, 3),
                            new GlobalAverage()),
                    2));
            cases.add(of(
                    "attention of one " + causal,
                    network(new Rows(1, 4), new Linear(4, 6), new SelfAttention(1, causal), new Linear(2, 3)),
                    1));
        }
        cases.add(of("LeNet", Networks.leNet(new Image(3, 8, 8), 10, Activation.SIGMOID), 2));
        cases.add(of("encoder", Networks.encoder(new Rows(4, 12), 2, 2, 2), 2));
        cases.add(of("decoder", Networks.decoder(new Rows(5, 8), 4, 1, 3), 1));
        return cases.stream();
    }

    /** The networks of the attacks, all but ResNet-20 in their own sizes. */
    public static Stream<Case> published() {
        return Stream.of(
                uniform("LeNet", Networks.leNet(new Image(3, 32, 32), 100, Activation.SIGMOID), 1, 0.5),
                uniform("LeNet grey", Networks.leNet(new Image(1, 28, 28), 10, Activation.SIGMOID), 3, 0.5),
                uniform("LeNet ReLU", Networks.leNet(new Image(3, 32, 32), 10, Activation.RELU), 2, 0.2),
                uniform("LeNet large", Networks.leNet(new Image(3, 64, 64), 10, Activation.SIGMOID), 1, 0.5),
                uniform(
                        "perceptron",
                        Networks.multilayerPerceptron(new Image(1, 28, 28), 10, Activation.TANH, 100, 50),
                        2,
                        0.1),
                uniform("ResNet-20", Networks.resNet20(new Image(3, 16, 16), 10, Activation.SIGMOID), 1, 0.2),
                new Case(
                        "encoder",
                        Networks.encoder(new Rows(16, 64), 4, 2, 2),
                        normal(Networks.encoder(new Rows(16, 64), 4, 2, 2)),
                        2),
                new Case(
                        "decoder",
                        Networks.decoder(new Rows(13, 72), 4, 2, 2),
                        normal(Networks.decoder(new Rows(13, 72), 4, 2, 2)),
                        1));
    }

    /** Entries N(0, std²). */
    public static float[] gaussian(int count, double std, long seed) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (std * random.nextGaussian());
        }
        return values;
    }

    private static float[] normal(Network network) {
        return Networks.normal(network, 0.1, 5);
    }

    private static Case of(String name, Network network, int images) {
        return uniform(name, network, images, 0.5);
    }

    private static Case uniform(String name, Network network, int images, double bound) {
        return new Case(name, network, Networks.uniform(network, bound, name.hashCode()), images);
    }

    private static Network network(Shape input, Layer... layers) {
        return new Network(input, List.of(layers));
    }

    private static Case convolution(
            int inputs, int outputs, int kernel, int stride, int padding, int height, int width) {
        Image input = new Image(inputs, height, width);
        Convolution first = new Convolution(inputs, outputs, kernel, stride, padding);
        Image middle = (Image) first.output(input);
        // A second one of the same kind where the rest is large enough, so that gradients flow through it.
        List<Layer> layers = new ArrayList<>(List.of(first, Activation.SIGMOID));
        if (Math.min(middle.height(), middle.width()) + 2 * padding >= kernel) {
            layers.add(new Convolution(outputs, inputs, kernel, stride, padding));
            layers.add(Activation.TANH);
        }
        layers.add(new Flatten());
        int features = Network.output(layers, input).size();
        layers.add(new Linear(features, 3));
        return of("convolution " + first + " on " + input, new Network(input, layers), 2);
    }
}
