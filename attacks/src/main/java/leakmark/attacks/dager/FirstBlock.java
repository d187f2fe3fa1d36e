package leakmark.attacks.dager;

import static leakmark.attacks.model.ParameterNames.POSITION_EMBEDDING;
import static leakmark.attacks.model.ParameterNames.TOKEN_EMBEDDING;
import static leakmark.attacks.model.ParameterNames.attentionNormScale;
import static leakmark.attacks.model.ParameterNames.attentionNormShift;
import static leakmark.attacks.model.ParameterNames.attentionOutput;
import static leakmark.attacks.model.ParameterNames.attentionOutputBias;
import static leakmark.attacks.model.ParameterNames.mlpInput;
import static leakmark.attacks.model.ParameterNames.mlpInputBias;
import static leakmark.attacks.model.ParameterNames.mlpNormScale;
import static leakmark.attacks.model.ParameterNames.mlpNormShift;
import static leakmark.attacks.model.ParameterNames.mlpOutput;
import static leakmark.attacks.model.ParameterNames.mlpOutputBias;
import static leakmark.attacks.model.ParameterNames.queryKeyValue;
import static leakmark.attacks.model.ParameterNames.queryKeyValueBias;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import leakmark.attacks.Reconstruction.RecoveredSequence;
import leakmark.attacks.model.ModelConfiguration;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.Tensor;
import leakmark.kernels.dense.DenseAlgebra.Resident;

/**
 * The first transformer block in float64: whole sequences to the inputs of layer 2's attention. Keeps the widened weights for
 * the next call.
 */
final class FirstBlock {
    private final PublicModel model;
    private final ModelConfiguration configuration;
    private final int d;
    private final Map<String, Resident> weights = new HashMap<>();

    FirstBlock(PublicModel model) {
        this.model = model;
        this.configuration = model.configuration();
        this.d = configuration.hiddenSize();
    }

    /** The model it was made for. */
    PublicModel model() {
        return model;
    }

    /**
     * LayerNorm outputs in front of layer 2's attention.
     *
     * @return one row of length d per token, sequences one after the other
     */
    synchronized double[] secondLayerInputs(List<RecoveredSequence> sequences) {
        int n = sequences.stream().mapToInt(s -> s.tokens().length).sum();
        double[] x = embedded(sequences, n);
        double[] qkv = linear(
                normalised(x, attentionNormScale(0), attentionNormShift(0)), n, queryKeyValue(0), queryKeyValueBias(0));
        add(x, linear(attention(qkv, sequences, n), n, attentionOutput(0), attentionOutputBias(0)));
        double[] inner = linear(normalised(x, mlpNormScale(0), mlpNormShift(0)), n, mlpInput(0), mlpInputBias(0));
        gelu(inner);
        add(x, linear(inner, n, mlpOutput(0), mlpOutputBias(0)));
        return normalised(x, attentionNormScale(1), attentionNormShift(1));
    }

    private double[] embedded(List<RecoveredSequence> sequences, int n) {
        float[] tokens = model.weight(TOKEN_EMBEDDING).data();
        float[] positions = model.weight(POSITION_EMBEDDING).data();
        double[] x = new double[n * d];
        int row = 0;
        for (RecoveredSequence sequence : sequences) {
            for (int j = 0; j < sequence.tokens().length; j++, row++) {
                int token = sequence.tokens()[j] * d;
                int position = (sequence.offset() + j) * d;
                for (int e = 0; e < d; e++) {
                    x[row * d + e] = (double) tokens[token + e] + positions[position + e];
                }
            }
        }
        return x;
    }

    private double[] normalised(double[] x, String scaleName, String shiftName) {
        float[] scale = model.weight(scaleName).data();
        float[] shift = model.weight(shiftName).data();
        double[] result = new double[x.length];
        for (int at = 0; at < x.length; at += d) {
            double mean = 0;
            for (int e = 0; e < d; e++) {
                mean += x[at + e] / d;
            }
            double variance = 0;
            for (int e = 0; e < d; e++) {
                variance += (x[at + e] - mean) * (x[at + e] - mean) / d;
            }
            double inverse = 1 / Math.sqrt(variance + configuration.layerNormEpsilon());
            for (int e = 0; e < d; e++) {
                result[at + e] = (x[at + e] - mean) * inverse * scale[e] + shift[e];
            }
        }
        return result;
    }

    private double[] linear(double[] x, int n, String weightName, String biasName) {
        return weights.computeIfAbsent(weightName, this::widened)
                .affine(x, n, model.weight(biasName).data());
    }

    private Resident widened(String name) {
        Tensor weight = model.weight(name);
        return new Resident(weight.rows(), weight.columns(), weight.data());
    }

    private double[] attention(double[] qkv, List<RecoveredSequence> sequences, int n) {
        int heads = configuration.heads();
        double[] result = new double[n * d];
        int[] first = new int[sequences.size()];
        for (int s = 1; s < first.length; s++) {
            first[s] = first[s - 1] + sequences.get(s - 1).tokens().length;
        }
        IntStream.range(0, sequences.size() * heads).parallel().forEach(piece -> {
            int s = piece / heads;
            attention(qkv, first[s], sequences.get(s).tokens().length, piece % heads, result);
        });
        return result;
    }

    /** Causal attention of one head over one sequence. */
    private void attention(double[] qkv, int first, int length, int head, double[] result) {
        int size = configuration.headSize();
        double[] weights = new double[length];
        for (int i = 0; i < length; i++) {
            int query = (first + i) * 3 * d + head * size;
            double largest = Double.NEGATIVE_INFINITY;
            for (int j = 0; j <= i; j++) {
                int key = (first + j) * 3 * d + d + head * size;
                double score = 0;
                for (int e = 0; e < size; e++) {
                    score += qkv[query + e] * qkv[key + e];
                }
                weights[j] = score / Math.sqrt(size);
                largest = Math.max(largest, weights[j]);
            }
            double sum = 0;
            for (int j = 0; j <= i; j++) {
                weights[j] = Math.exp(weights[j] - largest);
                sum += weights[j];
            }
            for (int j = 0; j <= i; j++) {
                int value = (first + j) * 3 * d + 2 * d + head * size;
                double weight = weights[j] / sum;
                for (int e = 0; e < size; e++) {
                    result[(first + i) * d + head * size + e] += weight * qkv[value + e];
                }
            }
        }
    }

    /** GELU in its tanh form, as GPT-2 has it; {@code tanh u = 1 − 2/(e^{2u} + 1)}. */
    private static void gelu(double[] x) {
        double scale = Math.sqrt(2 / Math.PI);
        IntStream.range(0, (x.length + 4095) / 4096).parallel().forEach(chunk -> {
            for (int i = chunk * 4096; i < Math.min(x.length, (chunk + 1) * 4096); i++) {
                double u = scale * (x[i] + 0.044715 * x[i] * x[i] * x[i]);
                x[i] *= 1 - 1 / (Math.exp(2 * u) + 1);
            }
        });
    }

    private static void add(double[] x, double[] y) {
        for (int i = 0; i < x.length; i++) {
            x[i] += y[i];
        }
    }
}
