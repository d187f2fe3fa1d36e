package leakmark.attacks.dager;

import java.util.List;
import leakmark.attacks.Reconstruction;
import leakmark.attacks.TokenBatch;

/**
 * The strongest thing an attacker can say without the truth: the recovered batch's own gradient is the shared one.
 *
 * @param reconstruction the reconstruction, completed where only the whole gradient tells (next-token: last tokens)
 * @param labels label of each recovered sequence (classification), solved for
 * @param targets of each recovered token what it was before it was masked, or {@link TokenBatch#NO_TARGET} (masked-LM), solved
 *     for; empty if the task has none, or its gradient does not tell
 * @param relativeError largest {@code ‖g − g'‖/‖g‖} over the shared parameters
 * @param tolerance what float32 explains
 * @param certified true if the error is under the tolerance
 * @param seconds time for it
 */
public record Certificate(
        Reconstruction reconstruction,
        int[] labels,
        List<int[]> targets,
        double relativeError,
        double tolerance,
        boolean certified,
        double seconds) {}
