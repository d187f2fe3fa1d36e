package leakmark.attacks;

import java.util.Map;
import leakmark.attacks.model.Tensor;

/**
 * What the server receives from one client and one step: gradients by parameter name, and the public task. Matrices
 * are d_in × d_out.
 *
 * @param task what was trained
 * @param tensors gradients by parameter name; a client may share only some
 */
public record SharedGradient(Task task, Map<String, Tensor> tensors) {
    public SharedGradient {
        tensors = Map.copyOf(tensors);
    }

    /** True if the client shared this parameter's gradient. */
    public boolean has(String name) {
        return tensors.containsKey(name);
    }

    /**
     * One parameter's gradient.
     *
     * @throws AttackException if it was not shared
     */
    public Tensor get(String name) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new AttackException("the gradient of " + name + " was not shared; the attack needs it");
        }
        return tensor;
    }
}
