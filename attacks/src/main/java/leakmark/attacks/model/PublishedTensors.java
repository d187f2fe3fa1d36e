package leakmark.attacks.model;

import java.nio.file.Path;
import java.util.Arrays;
import leakmark.attacks.AttackException;

/**
 * How GPT-2's parameters lie in published files: names may start with {@code transformer.}; the classifier is an {@code
 * nn.Linear}, stored labels × d; all other matrices are stored d_in × d_out.
 */
public final class PublishedTensors {
    private static final String PREFIX = "transformer.";

    private PublishedTensors() {}

    /** The parameter's name (see {@link ParameterNames}) for a stored name. */
    public static String parameterName(String stored) {
        return stored.startsWith(PREFIX) ? stored.substring(PREFIX.length()) : stored;
    }

    /**
     * Checks the extents of a stored tensor.
     *
     * @param found its extents in the file
     * @param expected the parameter's extents in the model, d_in × d_out
     * @throws AttackException if they differ; names file, tensor and both extents
     */
    public static void checkShape(Path file, String name, int[] found, int[] expected) {
        int[] stored = isTransposed(name) ? new int[] {expected[1], expected[0]} : expected;
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
        return name.equals(ParameterNames.CLASSIFIER);
    }
}
