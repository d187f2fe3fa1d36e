package leakmark.attacks.djl;

import java.util.HashMap;
import java.util.Map;
import leakmark.attacks.Task;
import leakmark.attacks.TokenBatch;
import leakmark.attacks.model.ModelConfiguration;
import leakmark.attacks.model.ParameterNames;
import leakmark.attacks.model.PublicModel;

/** The oracle: GPT-2's forward pass and mean loss in float64, one token and one number at a time. */
final class Float64Transformer {
    final Map<String, double[]> parameters = new HashMap<>();
    private final ModelConfiguration configuration;

    Float64Transformer(PublicModel model) {
        configuration = model.configuration();
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
            int[] tokens = batch.sequences().get(s);
            double[][] hidden = hiddenStates(tokens, batch.offsets()[s]);
            if (task == Task.CLASSIFICATION) {
                double[] logits = new double[configuration.labels()];
                for (int c = 0; c < logits.length; c++) {
                    for (int j = 0; j < configuration.hiddenSize(); j++) {
                        logits[c] += hidden[tokens.length - 1][j]
                                * parameter(ParameterNames.CLASSIFIER)[j * configuration.labels() + c];
                    }
                }
                sum += crossEntropy(logits, batch.labels()[s]);
                predictions++;
            } else {
                for (int i = 0; i + 1 < tokens.length; i++) {
                    double[] logits = new double[configuration.vocabularySize()];
                    for (int v = 0; v < logits.length; v++) {
                        for (int j = 0; j < configuration.hiddenSize(); j++) {
                            logits[v] += hidden[i][j]
                                    * parameter(ParameterNames.TOKEN_EMBEDDING)[v * configuration.hiddenSize() + j];
                        }
                    }
                    sum += crossEntropy(logits, tokens[i + 1]);
                    predictions++;
                }
            }
        }
        return sum / predictions;
    }

    double[][] hiddenStates(int[] tokens, int offset) {
        int width = configuration.hiddenSize();
        double[][] x = new double[tokens.length][width];
        for (int i = 0; i < tokens.length; i++) {
            for (int j = 0; j < width; j++) {
                x[i][j] = parameter(ParameterNames.TOKEN_EMBEDDING)[tokens[i] * width + j]
                        + parameter(ParameterNames.POSITION_EMBEDDING)[(offset + i) * width + j];
            }
        }
        for (int layer = 0; layer < configuration.layers(); layer++) {
            double[][] normed =
                    norm(x, ParameterNames.attentionNormScale(layer), ParameterNames.attentionNormShift(layer));
            add(x, attention(normed, layer));
            normed = norm(x, ParameterNames.mlpNormScale(layer), ParameterNames.mlpNormShift(layer));
            double[][] inner = linear(normed, ParameterNames.mlpInput(layer), ParameterNames.mlpInputBias(layer));
            for (double[] row : inner) {
                for (int j = 0; j < row.length; j++) {
                    double z = row[j];
                    row[j] = 0.5 * z * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (z + 0.044715 * z * z * z)));
                }
            }
            add(x, linear(inner, ParameterNames.mlpOutput(layer), ParameterNames.mlpOutputBias(layer)));
        }
        return norm(x, ParameterNames.FINAL_NORM_SCALE, ParameterNames.FINAL_NORM_SHIFT);
    }

    private double[][] attention(double[][] normed, int layer) {
        int width = configuration.hiddenSize();
        int size = configuration.headSize();
        double[][] projected =
                linear(normed, ParameterNames.queryKeyValue(layer), ParameterNames.queryKeyValueBias(layer));
        double[][] mixed = new double[normed.length][width];
        for (int head = 0; head < configuration.heads(); head++) {
            for (int i = 0; i < normed.length; i++) {
                double[] weight = new double[i + 1];
                double total = 0;
                for (int k = 0; k <= i; k++) {
                    double score = 0;
                    for (int j = 0; j < size; j++) {
                        score += projected[i][head * size + j] * projected[k][width + head * size + j];
                    }
                    weight[k] = Math.exp(score / Math.sqrt(size));
                    total += weight[k];
                }
                for (int k = 0; k <= i; k++) {
                    for (int j = 0; j < size; j++) {
                        mixed[i][head * size + j] += weight[k] / total * projected[k][2 * width + head * size + j];
                    }
                }
            }
        }
        return linear(mixed, ParameterNames.attentionOutput(layer), ParameterNames.attentionOutputBias(layer));
    }

    private double[][] norm(double[][] x, String scale, String shift) {
        double[][] result = new double[x.length][];
        for (int i = 0; i < x.length; i++) {
            int width = x[i].length;
            double mean = 0;
            for (double value : x[i]) {
                mean += value / width;
            }
            double variance = 0;
            for (double value : x[i]) {
                variance += (value - mean) * (value - mean) / width;
            }
            result[i] = new double[width];
            for (int j = 0; j < width; j++) {
                double normed = (x[i][j] - mean) / Math.sqrt(variance + configuration.layerNormEpsilon());
                result[i][j] = normed * parameter(scale)[j] + parameter(shift)[j];
            }
        }
        return result;
    }

    private double[][] linear(double[][] x, String matrix, String bias) {
        double[] weight = parameter(matrix);
        double[] shift = parameter(bias);
        int columns = shift.length;
        double[][] result = new double[x.length][];
        for (int i = 0; i < x.length; i++) {
            result[i] = shift.clone();
            for (int k = 0; k < x[i].length; k++) {
                for (int j = 0; j < columns; j++) {
                    result[i][j] += x[i][k] * weight[k * columns + j];
                }
            }
        }
        return result;
    }

    private double[] parameter(String name) {
        double[] values = parameters.get(name);
        if (values == null) {
            throw new IllegalArgumentException(name);
        }
        return values;
    }

    private static void add(double[][] x, double[][] y) {
        for (int i = 0; i < x.length; i++) {
            for (int j = 0; j < x[i].length; j++) {
                x[i][j] += y[i][j];
            }
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
