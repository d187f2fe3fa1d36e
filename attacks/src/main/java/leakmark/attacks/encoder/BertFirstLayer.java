package leakmark.attacks.encoder;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import leakmark.attacks.model.BertNames;
import leakmark.attacks.model.Float64Layers;
import leakmark.attacks.model.ModelConfiguration;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.Tensor;
import leakmark.kernels.Matrix;
import leakmark.kernels.dense.DenseAlgebra.Weight;

/** BERT's embeddings and first layer in float64: sequences to the inputs of layer 2's attention. */
final class BertFirstLayer {
    private final PublicModel model;
    private final ModelConfiguration configuration;
    private final int d;
    private final Float64Layers layers;
    private final Map<String, Weight> singles = new ConcurrentHashMap<>();

    BertFirstLayer(PublicModel model) {
        this.model = model;
        this.configuration = model.configuration();
        this.d = configuration.hiddenSize();
        this.layers = new Float64Layers(model);
    }

    /** The model it was made for. */
    PublicModel model() {
        return model;
    }

    /** LayerNorm outputs of a sequence's embeddings from position 0 on, L × d. */
    double[] embedded(int[] tokens) {
        float[] token = model.weight(BertNames.TOKEN_EMBEDDING).data();
        float[] position = model.weight(BertNames.POSITION_EMBEDDING).data();
        float[] segment = model.weight(BertNames.TYPE_EMBEDDING).data();
        double[] x = new double[tokens.length * d];
        for (int i = 0; i < tokens.length; i++) {
            for (int e = 0; e < d; e++) {
                x[i * d + e] = (double) token[tokens[i] * d + e] + position[i * d + e] + segment[e];
            }
        }
        return layers.normalised(x, BertNames.EMBEDDING_NORM_SCALE, BertNames.EMBEDDING_NORM_SHIFT);
    }

    /** Layer-2 inputs of a sequence, L × d. */
    double[] outputs(int[] tokens) {
        double[] x = embedded(tokens);
        int n = tokens.length;
        double[] mixed = attention(x, n);
        return afterAttention(x, mixed, n);
    }

    /** Value of an input of layer 1's attention: what a token that attends to nothing else takes. */
    double[] value(double[] input) {
        return layers.linear(input, 1, BertNames.value(0), BertNames.valueBias(0));
    }

    /** The rest of layer 1 for rows whose attention outputs are known. */
    double[] afterAttention(double[] inputs, double[] mixed, int n) {
        double[] x = layers.linear(mixed, n, BertNames.attentionOutput(0), BertNames.attentionOutputBias(0));
        Float64Layers.add(x, inputs);
        x = layers.normalised(x, BertNames.attentionNormScale(0), BertNames.attentionNormShift(0));
        double[] inner = layers.linear(x, n, BertNames.mlpInput(0), BertNames.mlpInputBias(0));
        IntStream.range(0, n).parallel().forEach(row -> {
            int width = inner.length / n;
            for (int i = row * width; i < (row + 1) * width; i++) {
                inner[i] *= Normal.cumulative(inner[i]);
            }
        });
        double[] y = layers.linear(inner, n, BertNames.mlpOutput(0), BertNames.mlpOutputBias(0));
        Float64Layers.add(y, x);
        return layers.normalised(y, BertNames.outputNormScale(0), BertNames.outputNormShift(0));
    }

    /**
     * The rest of layer 1 for rows with the same attention output, its MLP in float32: for distances that are compared with
     * others, not with rounding.
     *
     * @param inputs n × d
     * @param mixed d
     * @return n × d
     */
    double[] afterContext(double[] inputs, double[] mixed, int n) {
        double[] added = layers.linear(mixed, 1, BertNames.attentionOutput(0), BertNames.attentionOutputBias(0));
        double[] x = new double[inputs.length];
        for (int i = 0; i < x.length; i++) {
            x[i] = inputs[i] + added[i % d];
        }
        x = layers.normalised(x, BertNames.attentionNormScale(0), BertNames.attentionNormShift(0));
        Matrix narrow = Matrix.zeros(n, d);
        for (int i = 0; i < x.length; i++) {
            narrow.data()[i] = (float) x[i];
        }
        Matrix inner = single(BertNames.mlpInput(0)).after(narrow);
        float[] innerBias = model.weight(BertNames.mlpInputBias(0)).data();
        IntStream.range(0, n).parallel().forEach(row -> {
            int width = innerBias.length;
            for (int i = 0; i < width; i++) {
                double y = (double) inner.data()[row * width + i] + innerBias[i];
                inner.data()[row * width + i] = (float) (y * Normal.cumulative(y));
            }
        });
        Matrix outer = single(BertNames.mlpOutput(0)).after(inner);
        float[] outerBias = model.weight(BertNames.mlpOutputBias(0)).data();
        for (int i = 0; i < x.length; i++) {
            x[i] += (double) outer.data()[i] + outerBias[i % d];
        }
        return layers.normalised(x, BertNames.outputNormScale(0), BertNames.outputNormShift(0));
    }

    private Weight single(String name) {
        return singles.computeIfAbsent(name, n -> {
            Tensor weight = model.weight(n);
            return new Weight(new Matrix(weight.rows(), weight.columns(), weight.data()));
        });
    }

    private double[] attention(double[] x, int n) {
        double[] query = layers.linear(x, n, BertNames.query(0), BertNames.queryBias(0));
        double[] key = layers.linear(x, n, BertNames.key(0), BertNames.keyBias(0));
        double[] value = layers.linear(x, n, BertNames.value(0), BertNames.valueBias(0));
        int size = configuration.headSize();
        double[] mixed = new double[n * d];
        double[] weight = new double[n];
        for (int head = 0; head < d; head += size) {
            for (int i = 0; i < n; i++) {
                double largest = Double.NEGATIVE_INFINITY;
                for (int j = 0; j < n; j++) {
                    double score = 0;
                    for (int e = head; e < head + size; e++) {
                        score += query[i * d + e] * key[j * d + e];
                    }
                    weight[j] = score / Math.sqrt(size);
                    largest = Math.max(largest, weight[j]);
                }
                double sum = 0;
                for (int j = 0; j < n; j++) {
                    weight[j] = Math.exp(weight[j] - largest);
                    sum += weight[j];
                }
                for (int j = 0; j < n; j++) {
                    for (int e = head; e < head + size; e++) {
                        mixed[i * d + e] += weight[j] / sum * value[j * d + e];
                    }
                }
            }
        }
        return mixed;
    }
}
