package leakmark.kernels.matching;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import leakmark.kernels.matching.Layer.Activation;
import leakmark.kernels.matching.Layer.Convolution;
import leakmark.kernels.matching.Layer.Flatten;
import leakmark.kernels.matching.Layer.GlobalAverage;
import leakmark.kernels.matching.Layer.LastRow;
import leakmark.kernels.matching.Layer.LayerNorm;
import leakmark.kernels.matching.Layer.Linear;
import leakmark.kernels.matching.Layer.PositionEmbedding;
import leakmark.kernels.matching.Layer.Residual;
import leakmark.kernels.matching.Layer.SelfAttention;
import leakmark.kernels.matching.Shape.Image;
import leakmark.kernels.matching.Shape.Rows;

/** The networks that gradient-matching attacks are published on, and their initial weights. */
public final class Networks {
    private static final int RESNET_BLOCKS = 3;
    private static final double NORM_EPSILON = 1e-5;

    private Networks() {}

    /** DLG's LeNet: three 5 × 5 convolutions of 12 channels with strides 2, 2, 1 and padding 2, one linear layer. */
    public static Network leNet(Image input, int classes, Activation activation) {
        List<Layer> layers = new ArrayList<>();
        int channels = input.channels();
        for (int stride : new int[] {2, 2, 1}) {
            layers.add(new Convolution(channels, 12, 5, stride, 2));
            layers.add(activation);
            channels = 12;
        }
        layers.add(new Flatten());
        layers.add(new Linear(Network.output(layers, input).size(), classes));
        return new Network(input, layers);
    }

    /** Fully connected layers with an activation between them. */
    public static Network multilayerPerceptron(Shape input, int classes, Activation activation, int... hidden) {
        List<Layer> layers = new ArrayList<>();
        layers.add(new Flatten());
        int features = input.size();
        for (int width : hidden) {
            layers.add(new Linear(features, width));
            layers.add(activation);
            features = width;
        }
        layers.add(new Linear(features, classes));
        return new Network(input, layers);
    }

    /**
     * ResNet-20 (He et al. 2016, section 4.2) without batch normalisation, as DLG asks for twice differentiable layers:
     * one convolution, three times three blocks of 16, 32 and 64 channels, projection where the shape changes.
     */
    public static Network resNet20(Image input, int classes, Activation activation) {
        List<Layer> layers = new ArrayList<>();
        layers.add(new Convolution(input.channels(), 16, 3, 1, 1));
        layers.add(activation);
        int channels = 16;
        for (int width : new int[] {16, 32, 64}) {
            for (int block = 0; block < RESNET_BLOCKS; block++) {
                int stride = width == channels ? 1 : 2;
                List<Layer> body = List.of(
                        new Convolution(channels, width, 3, stride, 1),
                        activation,
                        new Convolution(width, width, 3, 1, 1));
                List<Layer> shortcut =
                        width == channels ? List.of() : List.of(new Convolution(channels, width, 1, stride, 0));
                layers.add(new Residual(body, shortcut));
                layers.add(activation);
                channels = width;
            }
        }
        layers.add(new GlobalAverage());
        layers.add(new Linear(channels, classes));
        return new Network(input, layers);
    }

    /** A BERT-like encoder on embeddings: normalisation after each residual, exact GELU, mean of all rows, one linear layer. */
    public static Network encoder(Rows input, int heads, int layers, int classes) {
        int d = input.features();
        List<Layer> list = encoderLayers(input, heads, layers, NORM_EPSILON);
        list.add(new GlobalAverage());
        list.add(new Linear(d, classes));
        return new Network(input, list);
    }

    /**
     * BERT with its pooler, on sequences from the last token to the first: attention knows no order but the positions', so
     * that the last row is what BERT classifies.
     */
    public static Network bert(Rows input, int heads, int layers, int classes, double normEpsilon) {
        int d = input.features();
        List<Layer> list = encoderLayers(input, heads, layers, normEpsilon);
        list.add(new LastRow());
        list.add(new Linear(d, d));
        list.add(Activation.TANH);
        list.add(new Linear(d, classes));
        return new Network(input, list);
    }

    private static List<Layer> encoderLayers(Rows input, int heads, int layers, double normEpsilon) {
        int d = input.features();
        List<Layer> list = new ArrayList<>();
        list.add(new PositionEmbedding(input.count(), d));
        list.add(new LayerNorm(d, normEpsilon));
        for (int layer = 0; layer < layers; layer++) {
            list.add(new Residual(attention(d, heads, false), List.of()));
            list.add(new LayerNorm(d, normEpsilon));
            list.add(new Residual(feedForward(d, Activation.GELU), List.of()));
            list.add(new LayerNorm(d, normEpsilon));
        }
        return list;
    }

    /** A GPT-like decoder on embeddings: normalisation before each branch, causal attention, the last row classified. */
    public static Network decoder(Rows input, int heads, int layers, int classes) {
        return decoder(input, heads, layers, classes, NORM_EPSILON);
    }

    /** The same with another ε of its normalisations. */
    public static Network decoder(Rows input, int heads, int layers, int classes, double normEpsilon) {
        int d = input.features();
        List<Layer> list = new ArrayList<>();
        list.add(new PositionEmbedding(input.count(), d));
        for (int layer = 0; layer < layers; layer++) {
            list.add(new Residual(normalised(attention(d, heads, true), d, normEpsilon), List.of()));
            list.add(new Residual(normalised(feedForward(d, Activation.GELU_TANH), d, normEpsilon), List.of()));
        }
        list.add(new LayerNorm(d, normEpsilon));
        list.add(new LastRow());
        list.add(new Linear(d, classes));
        return new Network(input, list);
    }

    private static List<Layer> attention(int d, int heads, boolean causal) {
        return List.of(new Linear(d, 3 * d), new SelfAttention(heads, causal), new Linear(d, d));
    }

    private static List<Layer> feedForward(int d, Activation activation) {
        return List.of(new Linear(d, 4 * d), activation, new Linear(4 * d, d));
    }

    private static List<Layer> normalised(List<Layer> branch, int d, double normEpsilon) {
        List<Layer> layers = new ArrayList<>();
        layers.add(new LayerNorm(d, normEpsilon));
        layers.addAll(branch);
        return layers;
    }

    /** Every parameter uniform in ±bound; DLG's published code takes 0.5. */
    public static float[] uniform(Network network, double bound, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] parameters = new float[network.parameterCount()];
        for (int i = 0; i < parameters.length; i++) {
            parameters[i] = (float) ((2 * random.nextDouble() - 1) * bound);
        }
        return parameters;
    }

    /** Weights and position embeddings N(0, std²), biases and β 0, γ 1: what transformers start from. */
    public static float[] normal(Network network, double std, long seed) {
        java.util.Random random = new java.util.Random(seed);
        float[] parameters = new float[network.parameterCount()];
        fill(network.layers(), parameters, 0, std, random);
        return parameters;
    }

    private static int fill(List<Layer> layers, float[] parameters, int from, double std, java.util.Random random) {
        int at = from;
        for (Layer layer : layers) {
            if (layer instanceof Residual residual) {
                at = fill(residual.body(), parameters, at, std, random);
                at = fill(residual.shortcut(), parameters, at, std, random);
                continue;
            }
            if (layer instanceof LayerNorm norm) {
                java.util.Arrays.fill(parameters, at, at + norm.features(), 1);
            } else if (layer.parameterCount() > 0) {
                int weights =
                        java.util.Arrays.stream(layer.parameterShapes().get(0)).reduce(1, (a, b) -> a * b);
                for (int i = 0; i < weights; i++) {
                    parameters[at + i] = (float) (std * random.nextGaussian());
                }
            }
            at += layer.parameterCount();
        }
        return at;
    }
}
