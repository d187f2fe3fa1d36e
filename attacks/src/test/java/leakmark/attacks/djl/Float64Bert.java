package leakmark.attacks.djl;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import leakmark.attacks.Task;
import leakmark.attacks.TokenBatch;
import leakmark.attacks.model.BertNames;
import leakmark.attacks.model.ModelConfiguration;
import leakmark.attacks.model.PublicModel;

/** The oracle: BERT's forward pass and mean loss in float64, one token and one number at a time. */
final class Float64Bert {
    final Map<String, double[]> parameters = new HashMap<>();
    private final ModelConfiguration configuration;
    private final int d;

    Float64Bert(PublicModel model) {
        configuration = model.configuration();
        d = configuration.hiddenSize();
        for (String name : model.weights().names()) {
            float[] values = model.weight(name).data();
            double[] copy = new double[values.length];
            for (int i = 0; i < copy.length; i++) {
                copy[i] = values[i];
            }
            parameters.put(name, copy);
        }
    }

    double loss(Task task, TokenBatch batch) {
        double sum = 0;
        int predictions = 0;
        for (int s = 0; s < batch.sequences().size(); s++) {
            double[][] hidden = hiddenStates(batch.sequences().get(s), batch.offsets()[s]);
            if (task == Task.CLASSIFICATION) {
                double[] pooled = affine(hidden[0], BertNames.POOLER, BertNames.POOLER_BIAS);
                for (int j = 0; j < d; j++) {
                    pooled[j] = Math.tanh(pooled[j]);
                }
                sum += crossEntropy(affine(pooled, BertNames.CLASSIFIER, BertNames.CLASSIFIER_BIAS), batch.labels()[s]);
                predictions++;
            } else {
                for (int i = 0; i < hidden.length; i++) {
                    int target = batch.targets().get(s)[i];
                    if (target != TokenBatch.NO_TARGET) {
                        sum += crossEntropy(words(hidden[i]), target);
                        predictions++;
                    }
                }
            }
        }
        return sum / predictions;
    }

    private double[] words(double[] hidden) {
        double[] transformed = affine(hidden, BertNames.PREDICTION, BertNames.PREDICTION_BIAS);
        gelu(transformed);
        double[] normed = norm(transformed, BertNames.PREDICTION_NORM_SCALE, BertNames.PREDICTION_NORM_SHIFT);
        double[] logits = get(BertNames.PREDICTION_LOGIT_BIAS).clone();
        for (int v = 0; v < logits.length; v++) {
            for (int j = 0; j < d; j++) {
                logits[v] += normed[j] * get(BertNames.TOKEN_EMBEDDING)[v * d + j];
            }
        }
        return logits;
    }

    double[][] hiddenStates(int[] tokens, int offset) {
        int n = tokens.length;
        double[][] x = new double[n][d];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < d; j++) {
                x[i][j] = get(BertNames.TOKEN_EMBEDDING)[tokens[i] * d + j]
                        + get(BertNames.POSITION_EMBEDDING)[(offset + i) * d + j]
                        + get(BertNames.TYPE_EMBEDDING)[j];
            }
            x[i] = norm(x[i], BertNames.EMBEDDING_NORM_SCALE, BertNames.EMBEDDING_NORM_SHIFT);
        }
        for (int layer = 0; layer < configuration.layers(); layer++) {
            double[][] mixed = attention(x, layer);
            for (int i = 0; i < n; i++) {
                double[] y = affine(mixed[i], BertNames.attentionOutput(layer), BertNames.attentionOutputBias(layer));
                add(y, x[i]);
                y = norm(y, BertNames.attentionNormScale(layer), BertNames.attentionNormShift(layer));
                double[] inner = affine(y, BertNames.mlpInput(layer), BertNames.mlpInputBias(layer));
                gelu(inner);
                double[] z = affine(inner, BertNames.mlpOutput(layer), BertNames.mlpOutputBias(layer));
                add(z, y);
                x[i] = norm(z, BertNames.outputNormScale(layer), BertNames.outputNormShift(layer));
            }
        }
        return x;
    }

    private double[][] attention(double[][] x, int layer) {
        int n = x.length;
        int size = configuration.headSize();
        double[][] query = new double[n][];
        double[][] key = new double[n][];
        double[][] value = new double[n][];
        for (int i = 0; i < n; i++) {
            query[i] = affine(x[i], BertNames.query(layer), BertNames.queryBias(layer));
            key[i] = affine(x[i], BertNames.key(layer), BertNames.keyBias(layer));
            value[i] = affine(x[i], BertNames.value(layer), BertNames.valueBias(layer));
        }
        double[][] mixed = new double[n][d];
        for (int head = 0; head < d; head += size) {
            for (int i = 0; i < n; i++) {
                double[] weight = new double[n];
                double total = 0;
                for (int k = 0; k < n; k++) {
                    double score = 0;
                    for (int j = head; j < head + size; j++) {
                        score += query[i][j] * key[k][j];
                    }
                    weight[k] = Math.exp(score / Math.sqrt(size));
                    total += weight[k];
                }
                for (int k = 0; k < n; k++) {
                    for (int j = head; j < head + size; j++) {
                        mixed[i][j] += weight[k] / total * value[k][j];
                    }
                }
            }
        }
        return mixed;
    }

    /** Exact GELU: {@code x Φ(x)} with Φ by Simpson's rule over 200 steps. */
    private static void gelu(double[] x) {
        for (int i = 0; i < x.length; i++) {
            int steps = 200;
            double h = x[i] / steps;
            double sum = 0;
            for (int k = 0; k <= steps; k++) {
                double weight = k == 0 || k == steps ? 1 : k % 2 == 1 ? 4 : 2;
                sum += weight * Math.exp(-0.5 * (k * h) * (k * h));
            }
            x[i] *= 0.5 + sum * h / 3 / Math.sqrt(2 * Math.PI);
        }
    }

    private double[] affine(double[] x, String matrix, String bias) {
        double[] w = get(matrix);
        double[] y = get(bias).clone();
        for (int i = 0; i < x.length; i++) {
            for (int j = 0; j < y.length; j++) {
                y[j] += x[i] * w[i * y.length + j];
            }
        }
        return y;
    }

    private double[] norm(double[] x, String scale, String shift) {
        double mean = 0;
        for (double v : x) {
            mean += v / x.length;
        }
        double variance = 0;
        for (double v : x) {
            variance += (v - mean) * (v - mean) / x.length;
        }
        double[] y = new double[x.length];
        for (int j = 0; j < x.length; j++) {
            y[j] = (x[j] - mean) / Math.sqrt(variance + configuration.layerNormEpsilon()) * get(scale)[j]
                    + get(shift)[j];
        }
        return y;
    }

    private double[] get(String name) {
        return Objects.requireNonNull(parameters.get(name), name);
    }

    private static void add(double[] x, double[] y) {
        for (int j = 0; j < x.length; j++) {
            x[j] += y[j];
        }
    }

    private static double crossEntropy(double[] logits, int target) {
        double total = 0;
        for (double logit : logits) {
            total += Math.exp(logit);
        }
        return Math.log(total) - logits[target];
    }
}
