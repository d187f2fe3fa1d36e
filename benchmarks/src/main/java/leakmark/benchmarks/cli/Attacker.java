package leakmark.benchmarks.cli;

import java.util.Locale;
import leakmark.attacks.Attack;
import leakmark.attacks.dager.DagerAttack;
import leakmark.attacks.dager.NoiseAwareDager;
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
    public Attack dager(KernelProvider provider) {
        return this == AWARE ? new NoiseAwareDager(provider) : new DagerAttack(provider);
    }

    /**
     * DAGER as this attacker runs it on an update that nothing else changed.
     *
     * @param movement steps times learning rate
     */
    public Attack onUpdates(KernelProvider provider, double movement) {
        return this == AWARE ? DagerAttack.onUpdates(provider, movement) : new DagerAttack(provider);
    }
}
