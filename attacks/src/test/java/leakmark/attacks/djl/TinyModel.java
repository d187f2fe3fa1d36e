package leakmark.attacks.djl;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import leakmark.attacks.model.ModelConfiguration;
import leakmark.attacks.model.ParameterNames;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.Tensor;
import leakmark.attacks.model.Weights;

/** A small model whose every parameter matters: scales are not 1, shifts and biases are not 0. */
final class TinyModel {
    private TinyModel() {}

    static PublicModel of(int layers, int width, int heads, int vocabulary, int positions, int labels, long seed) {
        int inner = 4 * width;
        ModelConfiguration configuration =
                new ModelConfiguration("tiny", layers, width, heads, vocabulary, positions, inner, labels, 1e-5);
        Random random = new Random(seed);
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put(ParameterNames.TOKEN_EMBEDDING, matrix(random, vocabulary, width));
        tensors.put(ParameterNames.POSITION_EMBEDDING, matrix(random, positions, width));
        for (int layer = 0; layer < layers; layer++) {
            tensors.put(ParameterNames.attentionNormScale(layer), vector(random, width, 1));
            tensors.put(ParameterNames.attentionNormShift(layer), vector(random, width, 0));
            tensors.put(ParameterNames.queryKeyValue(layer), matrix(random, width, 3 * width));
            tensors.put(ParameterNames.queryKeyValueBias(layer), vector(random, 3 * width, 0));
            tensors.put(ParameterNames.attentionOutput(layer), matrix(random, width, width));
            tensors.put(ParameterNames.attentionOutputBias(layer), vector(random, width, 0));
            tensors.put(ParameterNames.mlpNormScale(layer), vector(random, width, 1));
            tensors.put(ParameterNames.mlpNormShift(layer), vector(random, width, 0));
            tensors.put(ParameterNames.mlpInput(layer), matrix(random, width, inner));
            tensors.put(ParameterNames.mlpInputBias(layer), vector(random, inner, 0));
            tensors.put(ParameterNames.mlpOutput(layer), matrix(random, inner, width));
            tensors.put(ParameterNames.mlpOutputBias(layer), vector(random, width, 0));
        }
        tensors.put(ParameterNames.FINAL_NORM_SCALE, vector(random, width, 1));
        tensors.put(ParameterNames.FINAL_NORM_SHIFT, vector(random, width, 0));
        tensors.put(ParameterNames.CLASSIFIER, matrix(random, width, labels));
        return new PublicModel(configuration, new Weights() {
            @Override
            public Set<String> names() {
                return tensors.keySet();
            }

            @Override
            public Tensor get(String name) {
                Tensor tensor = tensors.get(name);
                if (tensor == null) {
                    throw new IllegalArgumentException("no parameter " + name);
                }
                return tensor;
            }
        });
    }

    private static Tensor matrix(Random random, int rows, int columns) {
        return Tensor.matrix(rows, columns, vector(random, rows * columns, 0).data());
    }

    private static Tensor vector(Random random, int length, double mean) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) (mean + 0.3 * random.nextGaussian());
        }
        return Tensor.vector(values);
    }
}
