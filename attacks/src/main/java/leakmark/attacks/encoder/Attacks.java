package leakmark.attacks.encoder;

import java.util.function.Supplier;
import leakmark.attacks.Attack;
import leakmark.attacks.GradientOracle;
import leakmark.attacks.dager.DagerAttack;
import leakmark.attacks.model.Architecture;
import leakmark.attacks.model.PublicModel;
import leakmark.kernels.KernelProvider;

/** The exact attack for a model. */
public final class Attacks {
    private Attacks() {}

    /**
     * Encoders: by support. Decoders: prefix by prefix, and by support where the batch is beyond the model's capacity.
     *
     * @param oracle runs the model; asked for where an attack needs it
     */
    public static Attack exact(PublicModel model, KernelProvider kernels, Supplier<GradientOracle> oracle) {
        EncoderAttack bySupport = new EncoderAttack(kernels, oracle);
        return isEncoder(model) ? bySupport : new DagerAttack(kernels, bySupport);
    }

    private static boolean isEncoder(PublicModel model) {
        return model.configuration().architecture() == Architecture.BERT;
    }
}
