package leakmark.reports.compare;

import java.util.Arrays;
import org.apache.commons.statistics.inference.AlternativeHypothesis;
import org.apache.commons.statistics.inference.MannWhitneyUTest;

/**
 * Shift between two independent samples of log times: Hodges and Lehmann's median of all differences, and the interval of
 * those shifts that a two-sided rank-sum test does not reject.
 *
 * @param estimate median of all differences head − base
 * @param low lower end of the interval; −∞ if the samples are too small for any
 * @param high upper end
 * @param pDifferent two-sided rank-sum p of no shift
 * @param pAbove one-sided p of a shift of at most the limit
 */
record Shift(double estimate, double low, double high, double pDifferent, double pAbove) {
    /** Fewest values on each side for which any interval at 95 % is finite: 2/(8 over 4) = 0.029. */
    static final int LEAST = 4;

    private static final double LEVEL = 0.05;

    /**
     * Of two samples.
     *
     * @param base logarithms, at least one
     * @param head logarithms, at least one
     * @param limit of {@code pAbove}
     */
    static Shift of(double[] base, double[] head, double limit) {
        double[] differences = new double[base.length * head.length];
        for (int i = 0; i < base.length; i++) {
            for (int j = 0; j < head.length; j++) {
                differences[i * head.length + j] = head[j] - base[i];
            }
        }
        Arrays.sort(differences);
        int n = differences.length;
        int k = rejected(base, head, differences);
        return new Shift(
                (differences[(n - 1) / 2] + differences[n / 2]) / 2,
                k == 0 ? Double.NEGATIVE_INFINITY : differences[k - 1],
                k == 0 ? Double.POSITIVE_INFINITY : differences[n - k],
                p(base, head, 0, AlternativeHypothesis.TWO_SIDED),
                p(base, head, limit, AlternativeHypothesis.GREATER_THAN));
    }

    /** Differences to leave out at each end: the test rejects every shift below the k-th difference. */
    private static int rejected(double[] base, double[] head, double[] differences) {
        int k = 0;
        while (k < differences.length / 2) {
            double below = k == 0 ? differences[0] - 1 : (differences[k - 1] + differences[k]) / 2;
            if (p(base, head, below, AlternativeHypothesis.TWO_SIDED) > LEVEL) {
                break;
            }
            k++;
        }
        return k;
    }

    private static double p(double[] base, double[] head, double shift, AlternativeHypothesis alternative) {
        double[] moved = Arrays.stream(head).map(value -> value - shift).toArray();
        return MannWhitneyUTest.withDefaults()
                .with(alternative)
                .test(moved, base)
                .getPValue();
    }
}
