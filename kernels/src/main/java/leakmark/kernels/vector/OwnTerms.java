package leakmark.kernels.vector;

/**
 * What each candidate brings to its own attention at one position; candidates in the lanes.
 *
 * @param candidates rows of the tables
 * @param all true if the candidates are all rows in order, so that no gather is needed
 * @param width candidates rounded up to whole vectors
 * @param inverseSigma 1/σ, width
 * @param scores q·k/√(d/H), H × width
 * @param sketches N_hᵀ v, (H·k) × width
 * @param norms ‖v_h‖, H × width
 */
record OwnTerms(
        int[] candidates,
        boolean all,
        int width,
        float[] inverseSigma,
        float[] scores,
        float[] sketches,
        float[] norms) {
    static OwnTerms room(int[] candidates, boolean all, int heads, int columns) {
        int width = Species.padded(candidates.length);
        return new OwnTerms(
                java.util.Arrays.copyOf(candidates, width),
                all,
                width,
                new float[width],
                new float[heads * width],
                new float[heads * columns * width],
                new float[heads * width]);
    }
}
