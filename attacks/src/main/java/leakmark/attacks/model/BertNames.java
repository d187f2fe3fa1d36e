package leakmark.attacks.model;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * BERT's published parameter names. The prefix {@code bert.} is dropped where a file has it. Files store every matrix but
 * the embeddings as {@code nn.Linear} does, d_out × d_in; here all are d_in × d_out.
 */
public final class BertNames {
    /** Token embedding, V × d; the masked-LM head shares it. */
    public static final String TOKEN_EMBEDDING = "embeddings.word_embeddings.weight";

    /** Position embedding, positions × d. */
    public static final String POSITION_EMBEDDING = "embeddings.position_embeddings.weight";

    /** Embedding of the two segments, 2 × d; a single sentence is segment 0. */
    public static final String TYPE_EMBEDDING = "embeddings.token_type_embeddings.weight";

    /** Scale of the LayerNorm after the embeddings, d. */
    public static final String EMBEDDING_NORM_SCALE = "embeddings.LayerNorm.weight";

    /** Shift of the LayerNorm after the embeddings, d. */
    public static final String EMBEDDING_NORM_SHIFT = "embeddings.LayerNorm.bias";

    /** Pooler of the first token, d × d. */
    public static final String POOLER = "pooler.dense.weight";

    /** Bias of the pooler, d. */
    public static final String POOLER_BIAS = "pooler.dense.bias";

    /** Classification head, d × labels. */
    public static final String CLASSIFIER = "classifier.weight";

    /** Bias of the classification head, labels. */
    public static final String CLASSIFIER_BIAS = "classifier.bias";

    /** Masked-LM head's transform, d × d. */
    public static final String PREDICTION = "cls.predictions.transform.dense.weight";

    /** Bias of the transform, d. */
    public static final String PREDICTION_BIAS = "cls.predictions.transform.dense.bias";

    /** Scale of the transform's LayerNorm, d. */
    public static final String PREDICTION_NORM_SCALE = "cls.predictions.transform.LayerNorm.weight";

    /** Shift of the transform's LayerNorm, d. */
    public static final String PREDICTION_NORM_SHIFT = "cls.predictions.transform.LayerNorm.bias";

    /** Bias of the masked-LM logits, V. */
    public static final String PREDICTION_LOGIT_BIAS = "cls.predictions.bias";

    private static final int SEGMENTS = 2;

    private BertNames() {}

    /** Query projection of a layer (0-based), d × d. */
    public static String query(int layer) {
        return layer(layer) + "attention.self.query.weight";
    }

    /** Bias of the query projection, d. */
    public static String queryBias(int layer) {
        return layer(layer) + "attention.self.query.bias";
    }

    /** Key projection, d × d. */
    public static String key(int layer) {
        return layer(layer) + "attention.self.key.weight";
    }

    /** Bias of the key projection, d. */
    public static String keyBias(int layer) {
        return layer(layer) + "attention.self.key.bias";
    }

    /** Value projection, d × d. */
    public static String value(int layer) {
        return layer(layer) + "attention.self.value.weight";
    }

    /** Bias of the value projection, d. */
    public static String valueBias(int layer) {
        return layer(layer) + "attention.self.value.bias";
    }

    /** Output projection of the attention, d × d. */
    public static String attentionOutput(int layer) {
        return layer(layer) + "attention.output.dense.weight";
    }

    /** Bias of the output projection, d. */
    public static String attentionOutputBias(int layer) {
        return layer(layer) + "attention.output.dense.bias";
    }

    /** Scale of the LayerNorm after the attention, d. */
    public static String attentionNormScale(int layer) {
        return layer(layer) + "attention.output.LayerNorm.weight";
    }

    /** Shift of the LayerNorm after the attention, d. */
    public static String attentionNormShift(int layer) {
        return layer(layer) + "attention.output.LayerNorm.bias";
    }

    /** First MLP matrix, d × inner. */
    public static String mlpInput(int layer) {
        return layer(layer) + "intermediate.dense.weight";
    }

    /** First MLP bias, inner. */
    public static String mlpInputBias(int layer) {
        return layer(layer) + "intermediate.dense.bias";
    }

    /** Second MLP matrix, inner × d. */
    public static String mlpOutput(int layer) {
        return layer(layer) + "output.dense.weight";
    }

    /** Second MLP bias, d. */
    public static String mlpOutputBias(int layer) {
        return layer(layer) + "output.dense.bias";
    }

    /** Scale of the LayerNorm after the MLP, d. */
    public static String outputNormScale(int layer) {
        return layer(layer) + "output.LayerNorm.weight";
    }

    /** Shift of the LayerNorm after the MLP, d. */
    public static String outputNormShift(int layer) {
        return layer(layer) + "output.LayerNorm.bias";
    }

    private static String layer(int layer) {
        return "encoder.layer." + layer + ".";
    }

    /** Parameters that exist for one task only; a file of a model trained for something else lacks them. */
    static boolean isHead(String name) {
        return name.startsWith("classifier.") || name.startsWith("pooler.") || name.startsWith("cls.");
    }

    static Map<String, int[]> shapes(ModelConfiguration c) {
        int d = c.hiddenSize();
        Map<String, int[]> shapes = new LinkedHashMap<>();
        shapes.put(TOKEN_EMBEDDING, new int[] {c.vocabularySize(), d});
        shapes.put(POSITION_EMBEDDING, new int[] {c.positions(), d});
        shapes.put(TYPE_EMBEDDING, new int[] {SEGMENTS, d});
        shapes.put(EMBEDDING_NORM_SCALE, new int[] {d});
        shapes.put(EMBEDDING_NORM_SHIFT, new int[] {d});
        for (int layer = 0; layer < c.layers(); layer++) {
            shapes.put(query(layer), new int[] {d, d});
            shapes.put(queryBias(layer), new int[] {d});
            shapes.put(key(layer), new int[] {d, d});
            shapes.put(keyBias(layer), new int[] {d});
            shapes.put(value(layer), new int[] {d, d});
            shapes.put(valueBias(layer), new int[] {d});
            shapes.put(attentionOutput(layer), new int[] {d, d});
            shapes.put(attentionOutputBias(layer), new int[] {d});
            shapes.put(attentionNormScale(layer), new int[] {d});
            shapes.put(attentionNormShift(layer), new int[] {d});
            shapes.put(mlpInput(layer), new int[] {d, c.innerSize()});
            shapes.put(mlpInputBias(layer), new int[] {c.innerSize()});
            shapes.put(mlpOutput(layer), new int[] {c.innerSize(), d});
            shapes.put(mlpOutputBias(layer), new int[] {d});
            shapes.put(outputNormScale(layer), new int[] {d});
            shapes.put(outputNormShift(layer), new int[] {d});
        }
        shapes.put(POOLER, new int[] {d, d});
        shapes.put(POOLER_BIAS, new int[] {d});
        shapes.put(CLASSIFIER, new int[] {d, c.labels()});
        shapes.put(CLASSIFIER_BIAS, new int[] {c.labels()});
        shapes.put(PREDICTION, new int[] {d, d});
        shapes.put(PREDICTION_BIAS, new int[] {d});
        shapes.put(PREDICTION_NORM_SCALE, new int[] {d});
        shapes.put(PREDICTION_NORM_SHIFT, new int[] {d});
        shapes.put(PREDICTION_LOGIT_BIAS, new int[] {c.vocabularySize()});
        return shapes;
    }
}
