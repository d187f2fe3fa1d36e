package leakmark.attacks.published;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import leakmark.attacks.model.ModelConfiguration;
import leakmark.attacks.model.ParameterNames;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.Tensor;
import leakmark.attacks.model.Weights;

/** A random model with LayerNorm scales and shifts and biases that are not trivial. */
final class RandomModel implements Weights {
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();
    private final Random random;

    private RandomModel(ModelConfiguration c, long seed) {
        random = new Random(seed);
        int d = c.hiddenSize();
        normal(ParameterNames.TOKEN_EMBEDDING, 0, 0.02, c.vocabularySize(), d);
        normal(ParameterNames.POSITION_EMBEDDING, 0, 0.01, c.positions(), d);
        for (int layer = 0; layer < c.layers(); layer++) {
            normal(ParameterNames.attentionNormScale(layer), 1, 0.2, d);
            normal(ParameterNames.attentionNormShift(layer), 0, 0.1, d);
            normal(ParameterNames.queryKeyValue(layer), 0, 0.05, d, 3 * d);
            normal(ParameterNames.queryKeyValueBias(layer), 0, 0.02, 3 * d);
            normal(ParameterNames.attentionOutput(layer), 0, 0.05, d, d);
            normal(ParameterNames.attentionOutputBias(layer), 0, 0.02, d);
            normal(ParameterNames.mlpNormScale(layer), 1, 0.2, d);
            normal(ParameterNames.mlpNormShift(layer), 0, 0.1, d);
            normal(ParameterNames.mlpInput(layer), 0, 0.05, d, c.innerSize());
            normal(ParameterNames.mlpInputBias(layer), 0, 0.02, c.innerSize());
            normal(ParameterNames.mlpOutput(layer), 0, 0.05, c.innerSize(), d);
            normal(ParameterNames.mlpOutputBias(layer), 0, 0.02, d);
        }
        normal(ParameterNames.FINAL_NORM_SCALE, 1, 0.2, d);
        normal(ParameterNames.FINAL_NORM_SHIFT, 0, 0.1, d);
        normal(ParameterNames.CLASSIFIER, 0, 0.02, d, c.labels());
    }

    static PublicModel of(ModelConfiguration configuration, long seed) {
        return new PublicModel(configuration, new RandomModel(configuration, seed));
    }

    /** d = 64, V = 512, 4 heads, 2 layers. */
    static ModelConfiguration tiny() {
        return new ModelConfiguration("tiny", 2, 64, 4, 512, 16, 256, 2, 1e-5);
    }

    private void normal(String name, double mean, double deviation, int... shape) {
        int size = 1;
        for (int extent : shape) {
            size *= extent;
        }
        float[] data = new float[size];
        for (int i = 0; i < size; i++) {
            data[i] = (float) (mean + deviation * random.nextGaussian());
        }
        tensors.put(name, new Tensor(shape, data));
    }

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
}
