package leakmark.attacks.dager;

import leakmark.attacks.Reconstruction;

/**
 * The strongest thing an attacker can say without the truth: the recovered batch's own gradient is the shared one.
 *
 * @param reconstruction the reconstruction, completed where only the whole gradient tells (next-token: last tokens)
 * @param labels label of each recovered sequence (classification), solved for
 * @param relativeError largest {@code ‖g − g'‖/‖g‖} over the shared parameters
 * @param tolerance what float32 explains
 * @param certified true if the error is under the tolerance
 * @param seconds time for it
 */
public record Certificate(
        Reconstruction reconstruction,
        int[] labels,
        double relativeError,
        double tolerance,
        boolean certified,
        double seconds) {}
