package leakmark.attacks.model;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import leakmark.attacks.AttackException;

/**
 * The shape of a transformer with learned positions.
 *
 * @param name the preset's name or the directory's
 * @param architecture what its blocks compute
 * @param layers transformer blocks
 * @param hiddenSize width d of the residual stream
 * @param heads attention heads; divides {@code hiddenSize}
 * @param vocabularySize rows V of the token embedding
 * @param positions rows of the position embedding: the longest sequence
 * @param innerSize width of the MLP's hidden layer (4·d in GPT-2)
 * @param labels classes of the classification head
 * @param layerNormEpsilon added to the variance in LayerNorm
 */
public record ModelConfiguration(
        String name,
        Architecture architecture,
        int layers,
        int hiddenSize,
        int heads,
        int vocabularySize,
        int positions,
        int innerSize,
        int labels,
        double layerNormEpsilon) {
    /** Far above every published model; a broken file's number must not fill the memory with names. */
    private static final int MOST_LAYERS = 10_000;

    public ModelConfiguration {
        requirePositive(name, "layers", layers);
        requirePositive(name, "hidden size", hiddenSize);
        requirePositive(name, "heads", heads);
        requirePositive(name, "vocabulary size", vocabularySize);
        requirePositive(name, "positions", positions);
        requirePositive(name, "inner size", innerSize);
        requirePositive(name, "labels", labels);
        if (layers > MOST_LAYERS) {
            throw new AttackException("model " + name + ": more than " + MOST_LAYERS + " layers, got " + layers);
        }
        if (hiddenSize % heads != 0) {
            throw new AttackException(
                    "model " + name + ": " + heads + " heads do not divide hidden size " + hiddenSize);
        }
        if (!(layerNormEpsilon > 0 && layerNormEpsilon < 1)) {
            throw new AttackException(
                    "model " + name + ": the LayerNorm epsilon must be between 0 and 1, got " + layerNormEpsilon);
        }
        long widest = Math.max(Math.max(vocabularySize, positions), Math.max(innerSize, 3L * hiddenSize));
        if (Math.max(widest, labels) > (Integer.MAX_VALUE - 8) / hiddenSize) {
            throw new AttackException("model " + name + ": a parameter has more values than one array can hold");
        }
    }

    /** A GPT-2. */
    public ModelConfiguration(
            String name,
            int layers,
            int hiddenSize,
            int heads,
            int vocabularySize,
            int positions,
            int innerSize,
            int labels,
            double layerNormEpsilon) {
        this(
                name,
                Architecture.GPT2,
                layers,
                hiddenSize,
                heads,
                vocabularySize,
                positions,
                innerSize,
                labels,
                layerNormEpsilon);
    }

    /** Size of one head: {@code hiddenSize / heads}. */
    public int headSize() {
        return hiddenSize / heads;
    }

    /**
     * Every parameter's extents by its name (see {@link ParameterNames}, {@link BertNames}), in the model's order; d_in ×
     * d_out.
     */
    public Map<String, int[]> parameterShapes() {
        if (architecture == Architecture.BERT) {
            return Collections.unmodifiableMap(BertNames.shapes(this));
        }
        int d = hiddenSize;
        Map<String, int[]> shapes = new LinkedHashMap<>();
        shapes.put(ParameterNames.TOKEN_EMBEDDING, new int[] {vocabularySize, d});
        shapes.put(ParameterNames.POSITION_EMBEDDING, new int[] {positions, d});
        for (int layer = 0; layer < layers; layer++) {
            shapes.put(ParameterNames.attentionNormScale(layer), new int[] {d});
            shapes.put(ParameterNames.attentionNormShift(layer), new int[] {d});
            shapes.put(ParameterNames.queryKeyValue(layer), new int[] {d, 3 * d});
            shapes.put(ParameterNames.queryKeyValueBias(layer), new int[] {3 * d});
            shapes.put(ParameterNames.attentionOutput(layer), new int[] {d, d});
            shapes.put(ParameterNames.attentionOutputBias(layer), new int[] {d});
            shapes.put(ParameterNames.mlpNormScale(layer), new int[] {d});
            shapes.put(ParameterNames.mlpNormShift(layer), new int[] {d});
            shapes.put(ParameterNames.mlpInput(layer), new int[] {d, innerSize});
            shapes.put(ParameterNames.mlpInputBias(layer), new int[] {innerSize});
            shapes.put(ParameterNames.mlpOutput(layer), new int[] {innerSize, d});
            shapes.put(ParameterNames.mlpOutputBias(layer), new int[] {d});
        }
        shapes.put(ParameterNames.FINAL_NORM_SCALE, new int[] {d});
        shapes.put(ParameterNames.FINAL_NORM_SHIFT, new int[] {d});
        shapes.put(ParameterNames.CLASSIFIER, new int[] {d, labels});
        return Collections.unmodifiableMap(shapes);
    }

    private static void requirePositive(String name, String what, int value) {
        if (value <= 0) {
            throw new AttackException("model " + name + ": " + what + " must be positive, got " + value);
        }
    }
}
