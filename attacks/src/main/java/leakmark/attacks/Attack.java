package leakmark.attacks;

import leakmark.attacks.model.PublicModel;

/** An attack. Its signature is the threat model: the public model and one shared gradient, nothing else. */
public interface Attack extends AutoCloseable {
    /**
     * Reconstructs what it can of the client's batch.
     *
     * @throws AttackException if the gradient does not fit the model or gives no answer, with the reason
     */
    Reconstruction reconstruct(PublicModel model, SharedGradient gradient);

    /** Gives back what it keeps between attacks; by default that is nothing. */
    @Override
    default void close() {}
}
