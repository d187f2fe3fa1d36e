package leakmark.attacks.model;

import java.nio.file.Path;
import java.util.Arrays;
import leakmark.attacks.AttackException;

/**
 * How parameters lie in published files. GPT-2: names may start with {@code transformer.}; the classifier is an {@code
 * nn.Linear}, stored labels × d; all other matrices are stored d_in × d_out. BERT: names may start with {@code bert.}, old
 * files call a LayerNorm's weight and bias gamma and beta; all matrices but the embeddings are stored d_out × d_in.
 */
public final class PublishedTensors {
    private static final String PREFIX = "transformer.";
    private static final String BERT_PREFIX = "bert.";

    private PublishedTensors() {}

    /** The parameter's name (see {@link ParameterNames}) for a stored name. */
    public static String parameterName(String stored) {
        if (stored.startsWith(PREFIX)) {
            return stored.substring(PREFIX.length());
        }
        String name = stored.startsWith(BERT_PREFIX) ? stored.substring(BERT_PREFIX.length()) : stored;
        if (name.endsWith("LayerNorm.gamma")) {
            return name.replace("LayerNorm.gamma", "LayerNorm.weight");
        }
        return name.endsWith("LayerNorm.beta") ? name.replace("LayerNorm.beta", "LayerNorm.bias") : name;
    }

    /**
     * Checks the extents of a stored tensor.
     *
     * @param found its extents in the file
     * @param expected the parameter's extents in the model, d_in × d_out
     * @throws AttackException if they differ; names file, tensor and both extents
     */
    public static void checkShape(Path file, String name, int[] found, int[] expected) {
        int[] stored = isTransposed(name) && expected.length == 2 ? new int[] {expected[1], expected[0]} : expected;
        if (!Arrays.equals(found, stored)) {
            throw new AttackException(file + ": tensor " + name + " has the shape " + Arrays.toString(found)
                    + ", the model's is " + Arrays.toString(stored));
        }
    }

    /** A tensor as stored, turned to d_in × d_out; or the reverse, which is the same. */
    public static Tensor turned(String name, Tensor tensor) {
        return isTransposed(name) ? tensor.transposed() : tensor;
    }

    private static boolean isTransposed(String name) {
        return name.equals(ParameterNames.CLASSIFIER)
                || name.equals(BertNames.CLASSIFIER)
                || name.endsWith("dense.weight")
                || (name.startsWith("encoder.") && name.contains(".attention.self.") && name.endsWith(".weight"));
    }
}
