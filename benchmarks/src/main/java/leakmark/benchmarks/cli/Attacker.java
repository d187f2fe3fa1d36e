package leakmark.benchmarks.cli;

import java.util.Arrays;
import java.util.Locale;
import leakmark.attacks.Attack;
import leakmark.attacks.AttackException;
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

    /**
     * The attacker that a claim's study asks for.
     *
     * @throws AttackException if there is none of this spelling
     */
    public static Attacker byLabel(String label, String study) {
        return Arrays.stream(values())
                .filter(attacker -> attacker.label().equals(label))
                .findFirst()
                .orElseThrow(() -> new AttackException(
                        "study " + study + " knows no attacker '" + label + "'; there are unaware, aware"));
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
