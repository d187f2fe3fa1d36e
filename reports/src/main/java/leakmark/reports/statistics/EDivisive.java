package leakmark.reports.statistics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Change points of a series by E-divisive (Matteson and James 2014, JASA 109, α = 1; a segment is split in two, as in its
 * use for performance tests by Daly et al. 2020, ICPE). The statistic of a split of {@code T} values into {@code n} and
 * {@code m} is the energy distance of both sides,
 * {@code nm/T · (2/(nm) Σ|xᵢ−yⱼ| − 2/(n(n−1)) Σ|xᵢ−xⱼ| − 2/(m(m−1)) Σ|yᵢ−yⱼ|)}, sums over pairs once each.
 *
 * <p>The largest over all segments and splits is kept if permutations within the segments reach it with probability
 * {@code (1 + count) / (1 + permutations)} of at most the level; then the segments are split again. Cost:
 * {@code O(permutations · T²)} for each point kept, a series of 200 takes some 10 ms.
 */
public final class EDivisive {
    private final double level;
    private final int leastSegment;
    private final int permutations;
    private final long seed;

    /**
     * A change: the first value of the new segment.
     *
     * @param index from 0
     * @param statistic of its split when it was found
     * @param p its probability under permutation
     */
    public record ChangePoint(int index, double statistic, double p) {}

    /**
     * @param level largest probability of a point that is kept
     * @param leastSegment fewest values of a segment, at least 2
     * @param permutations in each test; {@code 1 / (1 + permutations)} must not exceed the level
     * @param seed of the permutations
     */
    public EDivisive(double level, int leastSegment, int permutations, long seed) {
        if (!(1.0 / (1 + permutations) <= level) || leastSegment < 2) {
            throw new IllegalArgumentException(permutations + " permutations cannot reach the level " + level
                    + ", or segments of " + leastSegment + " are too short");
        }
        this.level = level;
        this.leastSegment = leastSegment;
        this.permutations = permutations;
        this.seed = seed;
    }

    /** At 0.001 with 999 permutations, segments of at least 3. */
    public static EDivisive standard() {
        return new EDivisive(0.001, 3, 999, 1);
    }

    /** All change points, by index. */
    public List<ChangePoint> detect(double[] series) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Integer> ends = new ArrayList<>(List.of(0, series.length));
        List<ChangePoint> found = new ArrayList<>();
        while (true) {
            ChangePoint best = best(series, ends);
            if (best == null) {
                break;
            }
            double p = probability(series, ends, best.statistic(), random);
            if (!(p <= level)) {
                break;
            }
            found.add(new ChangePoint(best.index(), best.statistic(), p));
            ends.add(best.index());
            ends.sort(Comparator.naturalOrder());
        }
        found.sort(Comparator.comparingInt(ChangePoint::index));
        return List.copyOf(found);
    }

    /** The split with the largest statistic above 0 over all segments; null if there is none. */
    private @org.jspecify.annotations.Nullable ChangePoint best(double[] series, List<Integer> ends) {
        ChangePoint best = null;
        for (int s = 0; s + 1 < ends.size(); s++) {
            int from = ends.get(s);
            double[] statistics = statistics(Arrays.copyOfRange(series, from, ends.get(s + 1)));
            for (int n = leastSegment; n + leastSegment <= statistics.length; n++) {
                if (statistics[n] > (best == null ? 0 : best.statistic())) {
                    best = new ChangePoint(from + n, statistics[n], 1);
                }
            }
        }
        return best;
    }

    /** Ends early once the level is out of reach. */
    private double probability(double[] series, List<Integer> ends, double statistic, SplittableRandom random) {
        int reached = 0;
        double[] shuffled = series.clone();
        for (int i = 0; i < permutations; i++) {
            for (int s = 0; s + 1 < ends.size(); s++) {
                shuffle(shuffled, ends.get(s), ends.get(s + 1), random);
            }
            ChangePoint best = best(shuffled, ends);
            reached += best != null && best.statistic() >= statistic ? 1 : 0;
            if (1.0 + reached > level * (1 + permutations)) {
                return (1.0 + reached) / (1 + permutations);
            }
        }
        return (1.0 + reached) / (1 + permutations);
    }

    private static void shuffle(double[] values, int from, int to, SplittableRandom random) {
        for (int i = to - 1; i > from; i--) {
            int other = from + random.nextInt(i - from + 1);
            double kept = values[i];
            values[i] = values[other];
            values[other] = kept;
        }
    }

    /** The statistic of every split of one segment, by the number of values before it; 0 where a side has under two. */
    static double[] statistics(double[] segment) {
        int length = segment.length;
        double[] statistics = new double[length];
        double left = 0;
        double cross = 0;
        double right = 0;
        for (int i = 0; i < length; i++) {
            for (int j = i + 1; j < length; j++) {
                right += Math.abs(segment[i] - segment[j]);
            }
        }
        for (int n = 1; n < length; n++) {
            // Value n − 1 moves from the right side to the left.
            double toLeft = 0;
            double toRight = 0;
            for (int i = 0; i < n - 1; i++) {
                toLeft += Math.abs(segment[i] - segment[n - 1]);
            }
            for (int j = n; j < length; j++) {
                toRight += Math.abs(segment[j] - segment[n - 1]);
            }
            left += toLeft;
            right -= toRight;
            cross += toRight - toLeft;
            double m = length - n;
            if (n > 1 && m > 1) {
                statistics[n] =
                        n * m / length * (2 * cross / (n * m) - 2 * left / (n * (n - 1.0)) - 2 * right / (m * (m - 1)));
            }
        }
        return statistics;
    }
}
