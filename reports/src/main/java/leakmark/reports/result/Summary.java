package leakmark.reports.result;

import java.util.List;
import leakmark.reports.statistics.Sample;
import org.jspecify.annotations.Nullable;

/**
 * A score, in the metric's unit.
 *
 * @param score mean
 * @param error half width of the 99.9 % confidence interval of the mean; null for fewer than two values
 * @param median of all values
 * @param min smallest value
 * @param max largest value
 * @param n number of values
 */
public record Summary(double score, @Nullable Double error, double median, double min, double max, long n) {
    private static final double CONFIDENCE = 0.999;

    public Summary {
        Values.finite(score, "summary.score");
        if (error != null) {
            Values.notNegative(error, "summary.error");
        }
        Values.finite(median, "summary.median");
        Values.finite(min, "summary.min");
        Values.finite(max, "summary.max");
        if (n < 1) {
            throw new IllegalArgumentException("summary.n is " + n + ", less than 1");
        }
    }

    /**
     * Summary of all iterations of all forks, pooled as JMH does: {@code mean ± t(0.9995, n−1) · s / √n}. Between forks
     * use {@link leakmark.reports.statistics.Ratio}.
     *
     * @param rounds forks × iterations, at least one value
     */
    public static Summary of(List<List<Double>> rounds) {
        double[] sorted = rounds.stream()
                .flatMap(List::stream)
                .mapToDouble(Double::doubleValue)
                .sorted()
                .toArray();
        int n = sorted.length;
        if (n == 0) {
            throw new IllegalArgumentException("a summary needs at least one value");
        }
        Sample sample = Sample.of(sorted);
        Double error = n < 2 ? null : sample.halfWidth((1 - CONFIDENCE) / 2);
        double median = (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
        return new Summary(sample.mean(), error, median, sorted[0], sorted[n - 1], n);
    }
}
