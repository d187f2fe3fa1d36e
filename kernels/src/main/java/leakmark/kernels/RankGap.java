package leakmark.kernels;

/** The rank decision from a falling sequence of values: the widest gap that ends in float32's rounding noise. */
public final class RankGap {
    /**
     * Rounding of a float32 gradient relative to its Frobenius norm, generously: 64 units in the last place. Measured on
     * GPT-2 shapes, values behind the gap stay under 2e-8; natural text's signal ends between 1e-3 and 5e-7.
     */
    public static final double FLOAT32_NOISE = 64 * 0x1p-24;

    /** Under this everything counts as equal: exact zeros must not look like a gap of their own. */
    private static final double LEAST = FLOAT32_NOISE / 4096;

    /** A narrower step is no gap. */
    private static final double NARROWEST = 8;

    private RankGap() {}

    /** Decides on falling values relative to the Frobenius norm, all there are or at least some behind the gap. */
    public static RankDecision decide(double[] values) {
        int rank = -1;
        double widest = NARROWEST;
        for (int i = 1; i < values.length; i++) {
            double ratio = Math.max(values[i - 1], LEAST) / Math.max(values[i], LEAST);
            if (values[i] <= FLOAT32_NOISE && ratio > widest) {
                widest = ratio;
                rank = i;
            }
        }
        return rank < 0
                ? new RankDecision(-1, 0, values.length == 0 ? 0 : values[values.length - 1], FLOAT32_NOISE)
                : new RankDecision(rank, values[rank - 1], values[rank], FLOAT32_NOISE);
    }
}
