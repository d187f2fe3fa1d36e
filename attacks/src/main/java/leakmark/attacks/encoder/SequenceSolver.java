package leakmark.attacks.encoder;

import org.jspecify.annotations.Nullable;

/** Proposes a token's sequence from the token's gradient. */
interface SequenceSolver {
    /**
     * Proposes one sequence a seed.
     *
     * @param seeds tokens, as rows of the candidates
     * @return a proposal for each; null where the solution shows none
     */
    @Nullable
    Proposal[] propose(int[] seeds);
}
