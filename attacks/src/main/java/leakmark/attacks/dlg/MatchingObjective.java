package leakmark.attacks.dlg;

import java.util.List;
import leakmark.attacks.model.PublicNetwork;
import leakmark.attacks.optim.Objective;
import leakmark.kernels.matching.Distance;
import leakmark.kernels.matching.GradientMatching;
import leakmark.kernels.matching.GradientMatching.Evaluator;
import leakmark.kernels.matching.Shape.Image;
import org.jspecify.annotations.Nullable;

/**
 * The distance of each attack's dummy gradient from its victim's, plus total variation. Variables are the inputs, then
 * the label logits unless labels are given.
 */
final class MatchingObjective implements Objective, AutoCloseable {
    /** Logits so far apart are hard labels to the last bit. */
    private static final float HARD = 400;

    private final Evaluator evaluator;
    private final int inputs;
    private final int logits;
    private final boolean labelsKnown;
    private final int batchSize;
    private final double weight;
    private final float scale;
    private final @Nullable TotalVariation variation;
    private final float[] x;
    private final float[] labels;
    private final float[] inputGradients;
    private final float[] labelGradients;
    private final double[] distances;

    /**
     * Prepares.
     *
     * @param victims one for each attack, all of one batch size
     * @param knownLabels labels of each attack's batch; null to optimise them
     * @param totalVariation its weight, 0 for none
     * @param inputScale inputs are this times the variables
     */
    MatchingObjective(
            GradientMatching kernels,
            PublicNetwork model,
            List<Victim> victims,
            Distance distance,
            int @Nullable [][] knownLabels,
            double totalVariation,
            double inputScale) {
        int attacks = victims.size();
        int classes = model.network().classes();
        batchSize = victims.get(0).batchSize();
        inputs = batchSize * model.network().input().size();
        logits = batchSize * classes;
        labelsKnown = knownLabels != null;
        weight = totalVariation;
        scale = (float) inputScale;
        variation = totalVariation != 0 && model.network().input() instanceof Image image
                ? new TotalVariation(image)
                : null;
        x = new float[Math.multiplyExact(attacks, inputs)];
        labels = new float[attacks * logits];
        inputGradients = new float[x.length];
        labelGradients = new float[labels.length];
        distances = new double[attacks];
        if (knownLabels != null) {
            for (int a = 0; a < attacks; a++) {
                System.arraycopy(hardLabels(knownLabels[a], classes), 0, labels, a * logits, logits);
            }
        }
        evaluator = kernels.open(model.network(), model.parameters(), attacks, batchSize, distance);
        for (int a = 0; a < attacks; a++) {
            evaluator.target(a, victims.get(a).gradient());
        }
    }

    /** Logits of given labels. */
    static float[] hardLabels(int[] known, int classes) {
        float[] logits = new float[known.length * classes];
        for (int i = 0; i < known.length; i++) {
            logits[i * classes + known[i]] = HARD;
        }
        return logits;
    }

    @Override
    public int variables() {
        return labelsKnown ? inputs : inputs + logits;
    }

    @Override
    public void evaluate(int count, int[] attacks, float[][] points, double[] losses, float[][] gradients) {
        for (int i = 0; i < count; i++) {
            scaled(points[i], 0, x, attacks[i] * inputs);
            if (!labelsKnown) {
                System.arraycopy(points[i], inputs, labels, attacks[i] * logits, logits);
            }
        }
        evaluator.evaluate(attacks, count, x, labels, distances, inputGradients, labelGradients);
        for (int i = 0; i < count; i++) {
            losses[i] = distances[attacks[i]];
            scaled(inputGradients, attacks[i] * inputs, gradients[i], 0);
            if (!labelsKnown) {
                System.arraycopy(labelGradients, attacks[i] * logits, gradients[i], inputs, logits);
            }
            if (variation != null) {
                losses[i] += variation.add(points[i], batchSize, weight, gradients[i]);
            }
        }
    }

    private void scaled(float[] from, int start, float[] to, int at) {
        for (int j = 0; j < inputs; j++) {
            to[at + j] = scale * from[start + j];
        }
    }

    @Override
    public void close() {
        evaluator.close();
    }
}
