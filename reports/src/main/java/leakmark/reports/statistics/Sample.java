package leakmark.reports.statistics;

import java.util.Arrays;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * Mean and standard deviation of independent values, and Student's interval of the mean.
 *
 * @param mean of the values
 * @param deviation {@code s} with n − 1 degrees of freedom; 0 for one value
 * @param n how many, at least one
 */
public record Sample(double mean, double deviation, int n) {
    /**
     * Of values.
     *
     * @param values at least one
     */
    public static Sample of(double... values) {
        int n = values.length;
        if (n == 0) {
            throw new IllegalArgumentException("a sample needs at least one value");
        }
        double mean = Arrays.stream(values).average().orElseThrow();
        double squares = 0;
        for (double value : values) {
            squares += (value - mean) * (value - mean);
        }
        return new Sample(mean, n == 1 ? 0 : Math.sqrt(squares / (n - 1)), n);
    }

    /** {@code s/√n}. */
    public double standardError() {
        return deviation / Math.sqrt(n);
    }

    /**
     * {@code t(1 − tail, n − 1) · s/√n}; at least two values.
     *
     * @param tail probability beyond one end of the interval, 0.025 for 95 %
     */
    public double halfWidth(double tail) {
        return TDistribution.of(n - 1).inverseSurvivalProbability(tail) * standardError();
    }
}
