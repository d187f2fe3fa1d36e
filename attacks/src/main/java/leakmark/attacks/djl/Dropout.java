package leakmark.attacks.djl;

import ai.djl.ndarray.NDArray;
import java.util.SplittableRandom;

/**
 * Sets values to zero at random in a training step and multiplies the others by 1/(1 − p) (Srivastava et al. 2014). The server
 * knows p, not which.
 *
 * @param rate p
 * @param seed of a client's step
 */
public record Dropout(double rate, long seed) {
    /** The masks of one step, in the order they are asked for. */
    Masks step() {
        return new Masks(rate, new SplittableRandom(seed));
    }

    /** Random masks, each used once. */
    record Masks(double rate, SplittableRandom random) {
        NDArray on(NDArray x) {
            float[] mask = new float[Math.toIntExact(x.size())];
            float kept = (float) (1 / (1 - rate));
            for (int i = 0; i < mask.length; i++) {
                mask[i] = random.nextDouble() < rate ? 0 : kept;
            }
            return x.mul(x.getManager().create(mask, x.getShape()));
        }
    }
}
