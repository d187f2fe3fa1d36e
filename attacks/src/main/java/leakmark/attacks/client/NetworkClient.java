package leakmark.attacks.client;

import leakmark.attacks.AttackException;
import leakmark.attacks.TokenBatch;
import leakmark.attacks.dlg.Victim;
import leakmark.attacks.images.Image;
import leakmark.attacks.model.PublicNetwork;
import leakmark.attacks.model.TextNetwork;
import leakmark.kernels.matching.Distance;
import leakmark.kernels.matching.GradientMatching;
import leakmark.kernels.matching.GradientMatching.Evaluator;
import leakmark.kernels.matching.Shape;

/** A client that computes one gradient of a network on a batch of inputs and shares it. */
public final class NetworkClient {
    /** Logits so far apart are hard labels to the last bit, see {@link GradientMatching}. */
    private static final float HARD = 400;

    private final GradientMatching kernels;

    /** @param kernels computes the gradients */
    public NetworkClient(GradientMatching kernels) {
        this.kernels = kernels;
    }

    /**
     * The gradient of the mean cross-entropy of a batch of images.
     *
     * @throws AttackException if images or labels do not fit the network, or the gradient is not finite
     */
    public Victim share(PublicNetwork model, ImageBatch batch) {
        Image first = batch.images().get(0);
        Shape expected = model.network().input();
        if (!expected.equals(new Shape.Image(first.channels(), first.height(), first.width()))) {
            throw new AttackException(
                    "the images are " + first.shape() + ", model " + model.name() + " takes " + expected);
        }
        float[] inputs = new float[batch.images().size() * first.data().length];
        for (int i = 0; i < batch.images().size(); i++) {
            System.arraycopy(batch.images().get(i).data(), 0, inputs, i * first.data().length, first.data().length);
        }
        return share(model, inputs, batch.labels());
    }

    /**
     * The gradient of the mean cross-entropy of a batch of sentences.
     *
     * @throws AttackException if tokens, lengths or labels do not fit the model, or the gradient is not finite
     */
    public Victim share(TextNetwork model, TokenBatch batch) {
        return share(model.model(), model.embed(batch.sequences()), batch.labels());
    }

    /**
     * The gradient of the mean cross-entropy of a batch of inputs, one after the other.
     *
     * @throws AttackException as above
     */
    public Victim share(PublicNetwork model, float[] inputs, int[] labels) {
        int classes = model.network().classes();
        float[] logits = new float[labels.length * classes];
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0 || labels[i] >= classes) {
                throw new AttackException("label " + labels[i] + " is out of range: model " + model.name()
                        + " has the classes 0 to " + (classes - 1));
            }
            logits[i * classes + labels[i]] = HARD;
        }
        float[] gradient = new float[model.network().parameterCount()];
        try (Evaluator evaluator =
                kernels.open(model.network(), model.parameters(), 1, labels.length, Distance.squared())) {
            evaluator.gradient(inputs, logits, gradient);
        }
        for (float value : gradient) {
            if (!Float.isFinite(value)) {
                throw new AttackException(
                        "the client's gradient has a value that is " + value + "; check the model's weights");
            }
        }
        return new Victim(gradient, labels.length);
    }
}
