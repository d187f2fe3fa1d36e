package leakmark.attacks.dager;

import leakmark.attacks.model.Architecture;
import leakmark.attacks.model.BertNames;
import leakmark.attacks.model.ParameterNames;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.Tensor;

/**
 * A classification head: {@code logits = x W + b}. GPT-2's x is the last token's hidden state and b is 0; BERT's x is {@code
 * tanh(h W_p + b_p)} of the first token's.
 *
 * @param name W's
 * @param weights W, d × classes
 * @param bias b
 * @param readsFirst whether x comes from the first token
 * @param model the whole
 */
@SuppressWarnings("ArrayRecordComponent")
record Head(String name, Tensor weights, float[] bias, boolean readsFirst, PublicModel model) {
    static Head of(PublicModel model) {
        boolean encoder = model.configuration().architecture() == Architecture.BERT;
        String name = encoder ? BertNames.CLASSIFIER : ParameterNames.CLASSIFIER;
        float[] bias = encoder
                ? model.weight(BertNames.CLASSIFIER_BIAS).data()
                : new float[model.configuration().labels()];
        return new Head(name, model.weight(name), bias, encoder, model);
    }

    /** x of a hidden state. */
    double[] input(double[] hidden) {
        if (!readsFirst) {
            return hidden;
        }
        float[] pooler = model.weight(BertNames.POOLER).data();
        float[] poolerBias = model.weight(BertNames.POOLER_BIAS).data();
        int d = hidden.length;
        double[] pooled = new double[d];
        for (int e = 0; e < d; e++) {
            for (int c = 0; c < d; c++) {
                pooled[c] += hidden[e] * pooler[e * d + c];
            }
        }
        for (int c = 0; c < d; c++) {
            pooled[c] = Math.tanh(pooled[c] + poolerBias[c]);
        }
        return pooled;
    }

    /** Probability of a class. */
    double probability(double[] input, int label) {
        int classes = weights.columns();
        double[] logits = new double[classes];
        for (int c = 0; c < classes; c++) {
            logits[c] = bias[c];
        }
        for (int e = 0; e < input.length; e++) {
            for (int c = 0; c < classes; c++) {
                logits[c] += input[e] * weights.data()[e * classes + c];
            }
        }
        double sum = 0;
        for (double logit : logits) {
            sum += Math.exp(logit - logits[label]);
        }
        return 1 / sum;
    }
}
