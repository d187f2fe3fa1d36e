package leakmark.kernels;

/**
 * One pass over the embedding table that tests every token at every position.
 *
 * <p>With row vectors e_v (row v of the table), a sketch S (d × k) and position terms B_i, token v may stand at position i
 * if {@code ‖e_v S + B_i‖ ≤ τ}. LayerNorm's centring and scale are folded into S by the caller, its division by σ does not
 * move a zero.
 */
public interface VocabularySweep {
    /**
     * Sweeps the table once.
     *
     * @param table E, V × d
     * @param sketch S, d × k
     * @param positions B, P × k
     * @param threshold τ
     * @return the hits, ordered by token, then position
     */
    Hits sweep(DeviceMatrix table, Matrix sketch, Matrix positions, float threshold);

    /**
     * Tokens that passed, and where.
     *
     * @param tokens token of each hit
     * @param positions row of {@code positions} of each hit
     */
    record Hits(int[] tokens, int[] positions) {
        /** Number of hits. */
        public int count() {
            return tokens.length;
        }
    }

    /** Declared work: 2·V·d·k + 3·V·P·k FLOP; the table read once. */
    static Cost cost(int vocabularySize, int hiddenSize, int columns, int positions) {
        double v = vocabularySize;
        return new Cost(2 * v * hiddenSize * columns + 3 * v * positions * columns, 4 * v * hiddenSize);
    }
}
