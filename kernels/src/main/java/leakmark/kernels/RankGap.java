package leakmark.kernels;

/** The rank decision from a falling sequence of values: the widest gap that ends in float32's rounding noise. */
public final class RankGap {
    /**
     * Rounding of a float32 gradient relative to its Frobenius norm: 64 units in the last place. Autograd's sums leave a
     * few of them; measured on GPT-2 shapes, values behind the gap stay under 16 (2.4e-7 of the largest singular value).
     */
    public static final double FLOAT32_NOISE = 64 * 0x1p-24;

    /** A narrower step is no gap. Signal of natural text ends a thousand times above the noise. */
    private static final double NARROWEST = 10;

    private RankGap() {}

    /**
     * Decides.
     *
     * @param values falling values relative to the Frobenius norm, all there are or at least some behind the gap
     * @param complete true if no further value exists: the last ones may then all be signal
     */
    public static RankDecision decide(double[] values, boolean complete) {
        // Under a thirtieth of the floor everything counts as equal: exact zeros must not look like a gap of their own.
        double least = FLOAT32_NOISE / 30;
        int rank = -1;
        double widest = NARROWEST;
        for (int i = 1; i < values.length; i++) {
            double ratio = Math.max(values[i - 1], least) / Math.max(values[i], least);
            if (values[i] <= FLOAT32_NOISE && ratio > widest) {
                widest = ratio;
                rank = i;
            }
        }
        if (rank < 0) {
            return new RankDecision(
                    -1, 0, values.length == 0 || !complete ? 0 : values[values.length - 1], FLOAT32_NOISE);
        }
        return new RankDecision(rank, values[rank - 1], values[rank], FLOAT32_NOISE);
    }
}
