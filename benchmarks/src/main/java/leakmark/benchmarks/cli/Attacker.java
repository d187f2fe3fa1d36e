package leakmark.benchmarks.cli;

import java.util.Locale;
import java.util.function.BiFunction;
import leakmark.attacks.Attack;
import leakmark.attacks.Reconstruction;
import leakmark.attacks.SharedGradient;
import leakmark.attacks.dager.DagerAttack;
import leakmark.attacks.dager.NoiseAwareDager;
import leakmark.attacks.model.PublicModel;
import leakmark.kernels.KernelProvider;

/** What an attacker knows of the defence. */
public enum Attacker {
    /** Expects an exact gradient. */
    UNAWARE,
    /** Knows that it was changed, and how; not the random numbers. */
    AWARE;

    /** Spelling on the command line. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** DAGER as this attacker runs it on a gradient. */
    public Text text(KernelProvider provider) {
        return text(provider, false);
    }

    /**
     * DAGER as this attacker runs it.
     *
     * @param severalSteps true if the client shares an update of several steps, and nothing else changed it
     */
    public Text text(KernelProvider provider, boolean severalSteps) {
        if (this == AWARE && severalSteps) {
            DagerAttack attack = new DagerAttack(provider, true);
            return new Text(attack::reconstruct, attack::close);
        }
        if (this == AWARE) {
            NoiseAwareDager attack = new NoiseAwareDager(provider);
            return new Text(attack::reconstruct, attack::close);
        }
        DagerAttack attack = new DagerAttack(provider);
        return new Text(attack::reconstruct, attack::close);
    }

    /** An attack that holds memory. */
    public record Text(BiFunction<PublicModel, SharedGradient, Reconstruction> attack, Runnable release)
            implements Attack, AutoCloseable {
        @Override
        public Reconstruction reconstruct(PublicModel model, SharedGradient gradient) {
            return attack.apply(model, gradient);
        }

        @Override
        public void close() {
            release.run();
        }
    }
}
