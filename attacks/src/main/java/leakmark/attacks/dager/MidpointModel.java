package leakmark.attacks.dager;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import leakmark.attacks.AttackException;
import leakmark.attacks.SharedGradient;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.Tensor;
import leakmark.attacks.model.Weights;

/**
 * The model halfway through local training, {@code (W₀ + W_S)/2}, which the server knows from an update.
 *
 * <p>With inputs {@code X_s = X̄ + (s − s̄) A} and output gradients {@code D_s = D̄ + (s − s̄) C} the update is {@code Σ X_sᵀ D_s =
 * S X̄ᵀ D̄ + Σ(s − s̄)² Aᵀ C}: its spans are those of the midpoint's inputs up to second order, but off those of W₀ by first.
 */
final class MidpointModel {
    private MidpointModel() {}

    /**
     * Moves the parameters that the update holds; the others stay.
     *
     * @param movement how far the weights went for each unit of the update
     */
    static PublicModel of(PublicModel before, SharedGradient update, double movement) {
        Map<String, Tensor> moved = new HashMap<>();
        update.tensors().forEach((name, u) -> {
            float[] weight = before.weight(name).data();
            if (weight.length != u.data().length) {
                throw new AttackException(
                        "the update of " + name + " has " + u.data().length + " values, the model " + weight.length);
            }
            float[] middle = new float[weight.length];
            for (int i = 0; i < middle.length; i++) {
                middle[i] = (float) (weight[i] - movement / 2 * u.data()[i]);
            }
            moved.put(name, new Tensor(u.shape(), middle));
        });
        Weights weights = before.weights();
        return new PublicModel(before.configuration(), new Weights() {
            @Override
            public Set<String> names() {
                return weights.names();
            }

            @Override
            public Tensor get(String name) {
                Tensor own = moved.get(name);
                return own == null ? weights.get(name) : own;
            }
        });
    }
}
