package leakmark.benchmarks.run;

import java.util.ArrayList;
import java.util.List;
import leakmark.attacks.client.ImageBatch;
import leakmark.attacks.client.NetworkClient;
import leakmark.attacks.client.ProtectedNetworkClient;
import leakmark.attacks.defences.Protection;
import leakmark.attacks.images.GeneratedImages;
import leakmark.attacks.images.Image;
import leakmark.attacks.images.LabelledImage;
import leakmark.attacks.model.PublicNetwork;
import leakmark.kernels.matching.GradientMatching;
import leakmark.kernels.matching.Layer.Activation;
import leakmark.kernels.matching.Network;
import leakmark.kernels.matching.Networks;
import leakmark.kernels.matching.Shape;

/**
 * What a defence costs in learning: a small perceptron trained on the generated images' kinds by federated SGD with momentum on the
 * server, each step one client's protected gradient.
 *
 * @param accuracy on images that were not trained on, 0 to 1
 * @param loss mean cross-entropy on those trained on, nats
 */
record Utility(double accuracy, double loss) {
    private static final int SIDE = 16;
    private static final int TRAINED = 48;
    private static final int BATCH = 8;
    private static final int EPOCHS = Integer.getInteger("epochs", 30);
    private static final float RATE = Float.parseFloat(System.getProperty("rate", "0.05"));
    private static final float MOMENTUM = 0.9f;
    private static final double BOUND = 0.1;
    private static final long SEED = 7;

    /** Trains with a protection; the same start and order for all. */
    static Utility of(GradientMatching kernels, Protection protection) {
        Shape.Image shape = new Shape.Image(3, SIDE, SIDE);
        Network network = Networks.multilayerPerceptron(shape, GeneratedImages.KINDS, Activation.RELU, 64);
        float[] weights = Networks.uniform(network, BOUND, SEED);
        List<LabelledImage> images = GeneratedImages.of(3, SIDE, SIDE, GeneratedImages.COUNT);
        float[] velocity = new float[weights.length];
        NetworkClient client = new NetworkClient(kernels);
        // A client of its own: some protections keep what they did not send.
        Protection own = protection.isNone() ? protection : Protection.parse(protection.label());
        ProtectedNetworkClient protectedClient = new ProtectedNetworkClient(client, own);
        for (int epoch = 0; epoch < EPOCHS; epoch++) {
            for (int from = 0; from < TRAINED; from += BATCH) {
                PublicNetwork now = new PublicNetwork("perceptron", network, weights.clone());
                float[] gradient = protectedClient
                        .share(now, batch(images.subList(from, from + BATCH)), SEED + (long) epoch * TRAINED + from)
                        .gradient();
                for (int i = 0; i < weights.length; i++) {
                    velocity[i] = MOMENTUM * velocity[i] + gradient[i];
                    weights[i] -= RATE * velocity[i];
                }
            }
        }
        PublicNetwork trained = new PublicNetwork("perceptron", network, weights);
        double loss = 0;
        int right = 0;
        for (int i = 0; i < images.size(); i++) {
            double[] probabilities = probabilities(client, trained, images.get(i));
            if (i < TRAINED) {
                loss -= Math.log(Math.max(probabilities[images.get(i).label()], 1e-12)) / TRAINED;
            } else {
                right += largest(probabilities) == images.get(i).label() ? 1 : 0;
            }
        }
        return new Utility((double) right / (images.size() - TRAINED), loss);
    }

    private static ImageBatch batch(List<LabelledImage> images) {
        return new ImageBatch(
                images.stream().map(labelled -> centred(labelled.image())).toList(),
                images.stream().mapToInt(LabelledImage::label).toArray());
    }

    /** Pixels from −1/2 to 1/2: steps along the mean of all images would drown the rest. */
    private static Image centred(Image image) {
        float[] data = image.data().clone();
        for (int i = 0; i < data.length; i++) {
            data[i] -= 0.5f;
        }
        return new Image(image.channels(), image.height(), image.width(), data);
    }

    /** The gradient of the last bias is p − y. */
    private static double[] probabilities(NetworkClient client, PublicNetwork model, LabelledImage image) {
        float[] gradient =
                client.share(model, batch(new ArrayList<>(List.of(image)))).gradient();
        double[] result = new double[GeneratedImages.KINDS];
        for (int c = 0; c < result.length; c++) {
            result[c] = gradient[gradient.length - result.length + c] + (c == image.label() ? 1 : 0);
        }
        return result;
    }

    private static int largest(double[] values) {
        int largest = 0;
        for (int c = 1; c < values.length; c++) {
            largest = values[c] > values[largest] ? c : largest;
        }
        return largest;
    }
}
