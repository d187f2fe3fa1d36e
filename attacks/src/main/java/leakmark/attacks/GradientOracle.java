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
     * The gradient of the task's mean loss at each token's own query and key in the first layer: {@code ∂ℓ/∂(x W_Q + b_Q)}
     * and {@code ∂ℓ/∂(x W_K + b_K)}. With the inputs x they make up the gradients of W_Q and W_K.
     *
     * @return per sequence a matrix of length × 2d, query and key side by side
     */
    List<Tensor> tokenGradients(PublicModel model, Task task, TokenBatch batch);

    /**
     * Hidden states after the last LayerNorm.
     *
     * @return per sequence a matrix of length × d
     */
    List<Tensor> hiddenStates(PublicModel model, TokenBatch batch);
}
