package leakmark.attacks;

import java.util.List;
import java.util.Map;
import java.util.Set;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.Tensor;

/** Gradients and hidden states of the whole model for a batch anyone names: the client's true one, or a guess. */
public interface GradientOracle {
    /**
     * The gradient of the task's mean loss.
     *
     * @param model the model
     * @param task the loss
     * @param batch token sequences (ragged), where they stand, and their labels
     * @param names parameters whose gradients are wanted
     * @return gradients by name, d_in × d_out
     */
    Map<String, Tensor> gradient(PublicModel model, Task task, TokenBatch batch, Set<String> names);

    /**
     * Hidden states after the last LayerNorm.
     *
     * @return per sequence a matrix of length × d
     */
    List<Tensor> hiddenStates(PublicModel model, TokenBatch batch);
}
