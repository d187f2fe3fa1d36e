package leakmark.attacks.dlg;

import java.util.Arrays;

/**
 * Labels read off the last layer's gradient (iDLG, Zhao et al. 2020). The gradient of the loss with respect to logit c is
 * p_c − y_c, and so is that of the last bias, on the mean over the batch: for one input only the true class is negative.
 * With more inputs the most negative class is taken n times, each time less 1/n: exact while classes differ.
 */
public final class InferredLabels {
    private InferredLabels() {}

    /**
     * Labels of a batch, ascending.
     *
     * @param classes number of classes; the last as many values of the gradient belong to the last bias
     */
    public static int[] of(Victim victim, int classes) {
        float[] gradient = victim.gradient();
        double[] rest = new double[classes];
        for (int c = 0; c < classes; c++) {
            rest[c] = gradient[gradient.length - classes + c];
        }
        int[] labels = new int[victim.batchSize()];
        for (int i = 0; i < labels.length; i++) {
            int most = 0;
            for (int c = 1; c < classes; c++) {
                if (rest[c] < rest[most]) {
                    most = c;
                }
            }
            labels[i] = most;
            rest[most] += 1.0 / labels.length;
        }
        Arrays.sort(labels);
        return labels;
    }
}
