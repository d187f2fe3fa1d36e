package leakmark.reports.compare;

import leakmark.reports.statistics.Sample;
import org.apache.commons.statistics.distribution.TDistribution;
import org.jspecify.annotations.Nullable;

/**
 * Paired log ratios {@code l_i = log(head_i / base_i)}, one for each round, and Student's t over them. The unit of
 * replication is the round: iterations of one fork share its luck.
 *
 * @param mean of l
 * @param deviation standard deviation of l
 * @param rounds at least 2
 */
record LogRatio(double mean, double deviation, int rounds) {
    /** Of 95 % two-sided intervals, one end. */
    static final double ONE_SIDED = 0.025;

    /** Chance of missing what is called detectable. */
    private static final double MISSED = 0.2;

    private static final double NORMAL_ONE_SIDED = 1.959964;
    private static final double NORMAL_MISSED = 0.841621;

    /** More rounds than anyone measures. */
    static final int MOST_ROUNDS = 10_000;

    /**
     * Log ratios of times.
     *
     * @param base above 0
     * @param head as many, above 0
     */
    static LogRatio of(double[] base, double[] head) {
        int n = base.length;
        if (n < 2 || head.length != n) {
            throw new IllegalArgumentException(n + " and " + head.length + " rounds; pairs of at least 2 are needed");
        }
        double[] logs = new double[n];
        for (int i = 0; i < n; i++) {
            logs[i] = Math.log(head[i] / base[i]);
        }
        Sample sample = Sample.of(logs);
        if (!Double.isFinite(sample.mean())) {
            throw new IllegalArgumentException("log ratios need values above 0 on both sides");
        }
        return new LogRatio(sample.mean(), sample.deviation(), n);
    }

    private double standardError() {
        return deviation / Math.sqrt(rounds);
    }

    /** Half width of the 95 % interval of the mean. */
    double halfWidth() {
        return quantile(rounds, ONE_SIDED) * standardError();
    }

    /** Two-sided p of {@code mean = 0}. */
    double pDifferent() {
        if (deviation == 0) {
            return mean == 0 ? 1 : 0;
        }
        return 2 * TDistribution.of(rounds - 1).survivalProbability(Math.abs(mean) / standardError());
    }

    /** One-sided p of {@code mean ≤ limit}. */
    double pAbove(double limit) {
        if (deviation == 0) {
            return mean > limit ? 0 : 1;
        }
        return TDistribution.of(rounds - 1).survivalProbability((mean - limit) / standardError());
    }

    /** Least log ratio whose interval lies above the limit in four comparisons of five. */
    double detectable(double limit) {
        return limit + reach(rounds, deviation);
    }

    /** Rounds after which the interval clears a limit this far away in four comparisons of five; null if over 10 000. */
    @Nullable
    Integer needed(double limit) {
        double gap = Math.abs(Math.abs(mean) - limit);
        // With normal quantiles, which are a little too small: t's are reached in a few steps from there.
        double start = Math.pow((NORMAL_ONE_SIDED + NORMAL_MISSED) * deviation / gap, 2);
        if (!(start < MOST_ROUNDS)) {
            return null;
        }
        int n = Math.max(2, (int) start);
        while (!(reach(n, deviation) <= gap)) {
            n++;
        }
        return n;
    }

    /** Distance at which an interval over n rounds clears a limit in four comparisons of five. */
    private static double reach(int n, double deviation) {
        return (quantile(n, ONE_SIDED) + quantile(n, MISSED)) * deviation / Math.sqrt(n);
    }

    private static double quantile(int n, double upper) {
        return TDistribution.of(n - 1).inverseSurvivalProbability(upper);
    }
}
