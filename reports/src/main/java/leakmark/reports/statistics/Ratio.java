package leakmark.reports.statistics;

import java.util.List;
import java.util.OptionalDouble;
import org.apache.commons.statistics.distribution.TDistribution;
import org.jspecify.annotations.Nullable;

/**
 * Ratio of the means of two cells of one run, with a 95 % confidence interval.
 *
 * @param value numerator / denominator
 * @param interval null if either cell was repeated less than twice
 * @param unit what was taken as one independent repetition
 */
public record Ratio(double value, @Nullable Interval interval, Replication unit) {
    /** What counts as one repetition. Iterations of one fork share its luck, so forks are used where there are two. */
    public enum Replication {
        FORK,
        ITERATION
    }

    /**
     * A confidence interval.
     *
     * @param low lower end
     * @param high upper end
     */
    public record Interval(double low, double high) {}

    /**
     * Delta method on the logarithm: {@code var(log r) = s²_a/(n_a·mean_a²) + s²_b/(n_b·mean_b²)} over fork means, t with
     * Welch–Satterthwaite degrees of freedom. If a cell has one fork, both use iterations, which understates the spread
     * between forks.
     *
     * @param numerator forks × iterations, above 0, at least one value
     * @param denominator forks × iterations, above 0, at least one value
     */
    public static Ratio of(List<List<Double>> numerator, List<List<Double>> denominator) {
        boolean forks = forkMeans(numerator).length > 1 && forkMeans(denominator).length > 1;
        double[] a = forks ? forkMeans(numerator) : iterations(numerator);
        double[] b = forks ? forkMeans(denominator) : iterations(denominator);
        double value = mean(a) / mean(b);
        if (!(value > 0) || !Double.isFinite(value)) {
            throw new IllegalArgumentException("a ratio needs values above 0 in both cells");
        }
        OptionalDouble half = a.length < 2 || b.length < 2 ? OptionalDouble.empty() : halfWidth(a, b);
        Interval interval = half.isEmpty()
                ? null
                : new Interval(value * Math.exp(-half.getAsDouble()), value * Math.exp(half.getAsDouble()));
        return new Ratio(value, interval, forks ? Replication.FORK : Replication.ITERATION);
    }

    private static OptionalDouble halfWidth(double[] a, double[] b) {
        double va = relativeVariance(a);
        double vb = relativeVariance(b);
        double sum = va + vb;
        if (sum == 0) {
            return OptionalDouble.of(0);
        }
        double degreesOfFreedom = sum * sum / (va * va / (a.length - 1) + vb * vb / (b.length - 1));
        return OptionalDouble.of(TDistribution.of(degreesOfFreedom).inverseSurvivalProbability(0.025) * Math.sqrt(sum));
    }

    /** s² / (n · mean²): the variance of the logarithm of a mean. */
    private static double relativeVariance(double[] values) {
        Sample sample = Sample.of(values);
        double relative = sample.standardError() / sample.mean();
        return relative * relative;
    }

    private static double[] forkMeans(List<List<Double>> rounds) {
        return rounds.stream()
                .filter(round -> !round.isEmpty())
                .mapToDouble(round -> mean(iterations(List.of(round))))
                .toArray();
    }

    private static double[] iterations(List<List<Double>> rounds) {
        return rounds.stream()
                .flatMap(List::stream)
                .mapToDouble(Double::doubleValue)
                .toArray();
    }

    private static double mean(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum / values.length;
    }
}
