package leakmark.benchmarks.study;

import leakmark.attacks.Attack;
import leakmark.attacks.AttackException;
import leakmark.attacks.Reconstruction;
import leakmark.attacks.SharedGradient;
import leakmark.attacks.model.PublicModel;
import org.jspecify.annotations.Nullable;

/**
 * One attack on one gradient, timed. What gives up has recovered nothing, in the time it took.
 *
 * @param milliseconds of the attack
 * @param refusal why it gave up, or null
 */
public record Attempt(
        Reconstruction found, double milliseconds, @Nullable String refusal) {
    /** Attacks. */
    public static Attempt of(Attack attack, PublicModel model, SharedGradient gradient) {
        Reconstruction found = Reconstruction.none();
        String refusal = null;
        long start = System.nanoTime();
        try {
            found = attack.reconstruct(model, gradient);
        } catch (AttackException e) {
            refusal = String.valueOf(e.getMessage());
        }
        return new Attempt(found, (System.nanoTime() - start) * 1e-6, refusal);
    }
}
