package leakmark.benchmarks.study;

import leakmark.benchmarks.cli.Attacker;

/**
 * What two attackers recovered behind the same defence.
 *
 * @param unaware of it
 * @param aware of it
 */
public record BothAttackers(RecoveryCell unaware, RecoveryCell aware) {
    /** Nothing yet. */
    public BothAttackers() {
        this(new RecoveryCell(), new RecoveryCell());
    }

    /** One attacker's. */
    public RecoveryCell of(Attacker attacker) {
        return attacker == Attacker.AWARE ? aware : unaware;
    }
}
