package leakmark.attacks.model;

import java.util.Set;

/**
 * Parameters by name. Names are those GPT-2 is published with, without the {@code transformer.} prefix (see {@link
 * ParameterNames}); every matrix is d_in × d_out, whatever its file stores.
 */
public interface Weights {
    /** Every parameter's name, in the model's order. */
    Set<String> names();

    /**
     * One parameter. Loads or generates it on the first call and keeps it.
     *
     * @throws IllegalArgumentException if there is no such parameter
     */
    Tensor get(String name);
}
