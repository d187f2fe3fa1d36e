package leakmark.reports.claims;

import java.util.List;
import leakmark.reports.result.Claim.Verdict;
import leakmark.reports.statistics.Sample;
import org.jspecify.annotations.Nullable;

/**
 * An estimate with its 95 % confidence interval.
 *
 * @param value estimate
 * @param low lower end, NaN if there is none
 * @param high upper end, NaN if there is none
 * @param n replications
 */
record Interval(double value, double low, double high, int n) {
    /** Equal values have no spread to make an interval of; that many must agree, as many as an A/B needs rounds. */
    static final int AGREEING = 6;

    /** Standard normal quantile of 97.5 %. */
    private static final double Z = 1.959963984540054;

    /**
     * Of the mean. Wilson's for successes and failures (all values 0 or 1), else Student's:
     * {@code mean ± t(0.975, n−1)·s/√n}; none for fewer than two values, or fewer than {@link #AGREEING} equal ones.
     *
     * @param values at least one
     */
    static Interval ofMean(List<Double> values) {
        Sample sample =
                Sample.of(values.stream().mapToDouble(Double::doubleValue).toArray());
        int n = sample.n();
        double mean = sample.mean();
        if (values.stream().allMatch(value -> value == 0 || value == 1)) {
            return wilson(mean, n);
        }
        if (n < 2 || (sample.deviation() == 0 && n < AGREEING)) {
            return new Interval(mean, Double.NaN, Double.NaN, n);
        }
        double half = sample.halfWidth(0.025);
        return new Interval(mean, mean - half, mean + half, n);
    }

    private static Interval wilson(double rate, int n) {
        double centre = rate + Z * Z / (2 * n);
        double half = Z * Math.sqrt(rate * (1 - rate) / n + Z * Z / (4.0 * n * n));
        double scale = 1 + Z * Z / n;
        return new Interval(rate, Math.max(0, (centre - half) / scale), Math.min(1, (centre + half) / scale), n);
    }

    Interval exponential() {
        return new Interval(Math.exp(value), Math.exp(low), Math.exp(high), n);
    }

    /** Wholly within, wholly outside, or neither; written so that NaN is neither. */
    Verdict against(@Nullable Double atLeast, @Nullable Double atMost) {
        if ((atLeast == null || low >= atLeast) && (atMost == null || high <= atMost) && low <= high) {
            return Verdict.SUPPORTED;
        }
        return (atLeast != null && high < atLeast) || (atMost != null && low > atMost)
                ? Verdict.REFUTED
                : Verdict.INCONCLUSIVE;
    }
}
