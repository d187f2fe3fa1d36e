package leakmark.kernels;

import java.util.Arrays;
import java.util.List;

/**
 * The rank decision where pivots alone are not clear: directions above the noise bound stay, and the rest of a sample of
 * columns is decomposed into singular values, in which noise no longer adds up over all the dimensions it fills.
 */
public final class CloserLook {
    /** Columns of the first look, more than the directions that usually hide under the noise bound, and of the second. */
    public static final List<Integer> SAMPLES = List.of(96, 384);

    /** A gap this wide among pivots needs no closer look. */
    private static final double CLEAR = 30;

    private CloserLook() {}

    /**
     * True if a decision should be made again with a sample: the first on any doubt, the second if the first found no gap.
     *
     * @param sample one of {@link #SAMPLES}
     * @param s columns there are
     */
    public static boolean isNeeded(RankDecision decision, int sample, int s) {
        return sample == SAMPLES.get(0)
                ? !decision.hasGap() || decision.noiseToSignal() > 1 / CLEAR
                : !decision.hasGap() && s > SAMPLES.get(0);
    }

    /** Leading pivots above the noise bound. */
    public static int sure(double[] values, int count) {
        int sure = 0;
        while (sure < count && values[sure] > RankGap.FLOAT32_NOISE) {
            sure++;
        }
        return sure;
    }

    /**
     * Decides anew.
     *
     * @param values pivots, falling
     * @param sure how many of them stay
     * @param rests singular values of the sample's rest per column, relative to the Frobenius norm, falling
     * @param s columns there are; with all of them kept nothing is left to show the noise, and what looks like a gap is the
     *     rounding of the rest
     */
    public static RankDecision decide(double[] values, int sure, double[] rests, int s) {
        double[] all = Arrays.copyOf(values, sure + rests.length);
        for (int i = 0; i < rests.length; i++) {
            all[sure + i] = Math.min(sure == 0 ? 1 : values[sure - 1], rests[i]);
        }
        RankDecision decision = RankGap.decide(all);
        if (!decision.hasGap() || decision.rank() < sure || decision.rank() >= s) {
            return RankGap.decide(new double[0]);
        }
        // Noise per column, as pivots have it, so that noise-to-signal means the same in both ways.
        double noise = Math.sqrt(
                Arrays.stream(all, decision.rank(), all.length).map(v -> v * v).sum());
        return new RankDecision(decision.rank(), decision.lastKept(), noise, RankGap.FLOAT32_NOISE);
    }
}
