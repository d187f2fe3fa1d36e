package leakmark.attacks.dlg;

import leakmark.attacks.AttackException;
import leakmark.attacks.model.PublicNetwork;

/**
 * What the server has of one client: its gradient, and how many images or sentences it is the mean of.
 *
 * @param gradient one value a parameter, in the network's order; no copy is taken
 * @param batchSize n
 */
public record Victim(float[] gradient, int batchSize) {
    /**
     * Checks that the gradient can have come from a network.
     *
     * @throws AttackException if not, with the reason
     */
    void check(PublicNetwork model) {
        int parameters = model.network().parameterCount();
        if (gradient.length != parameters) {
            throw new AttackException("the gradient has " + gradient.length + " values, model " + model.name() + " has "
                    + parameters + " parameters; give the model that made it");
        }
        if (batchSize < 1) {
            throw new AttackException("a batch has at least one input, not " + batchSize);
        }
        boolean zero = true;
        for (int i = 0; i < gradient.length; i++) {
            if (!Float.isFinite(gradient[i])) {
                throw new AttackException("the gradient has the value " + gradient[i] + " at position " + i
                        + "; a gradient with NaN or infinities cannot be attacked");
            }
            zero &= gradient[i] == 0;
        }
        if (zero) {
            throw new AttackException("every value of the gradient is zero; nothing can be recovered from it");
        }
    }

    /** ‖g‖². */
    double squaredNorm() {
        double sum = 0;
        for (float value : gradient) {
            sum += (double) value * value;
        }
        return sum;
    }
}
