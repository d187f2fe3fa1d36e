package leakmark.reports.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import leakmark.reports.statistics.Ratio.Interval;
import leakmark.reports.statistics.Ratio.Replication;
import org.junit.jupiter.api.Test;

/** Expected values: numpy var(ddof=1) of the fork means, scipy.stats.t.ppf(0.975, Welch–Satterthwaite). */
class RatioTest {
    private static final List<List<Double>> SLOW =
            List.of(List.of(310.0, 305.0, 318.0), List.of(322.0, 330.0, 325.0), List.of(300.0, 306.0, 301.0));
    private static final List<List<Double>> FAST = List.of(List.of(2.0, 2.1, 2.05), List.of(2.2, 2.15, 2.12));

    @Test
    void betweenForks() {
        Ratio ratio = Ratio.of(SLOW, FAST);
        assertRatio(148.81141045958793, 131.43247426439257, 168.48831315786464, ratio);
        assertEquals(Replication.FORK, ratio.unit());
    }

    @Test
    void withinOneFork() {
        Ratio ratio = Ratio.of(SLOW, FAST.subList(0, 1));
        assertRatio(152.6829268292683, 145.70475934844703, 159.9952963060171, ratio);
        assertEquals(Replication.ITERATION, ratio.unit());
    }

    @Test
    void oneValueHasNoInterval() {
        Ratio ratio = Ratio.of(List.of(List.of(6.0)), FAST);
        assertEquals(null, ratio.interval());
        assertThrows(IllegalArgumentException.class, () -> Ratio.of(List.of(List.of()), FAST));
        assertThrows(IllegalArgumentException.class, () -> Ratio.of(List.of(List.of(0.0)), FAST));
    }

    /** Of 2,000 simulated runs, 95 % must cover the true ratio; the binomial deviation is 0.5 %, four of them are allowed. */
    @Test
    void intervalsCoverTheTruth() {
        SplittableRandom random = new SplittableRandom(11);
        int covered = 0;
        for (int trial = 0; trial < 2_000; trial++) {
            Interval interval = Objects.requireNonNull(
                    Ratio.of(forks(random, 50), forks(random, 10)).interval());
            if (interval.low() <= 5 && 5 <= interval.high()) {
                covered++;
            }
        }
        assertEquals(0.95, covered / 2_000.0, 0.02);
    }

    /** Five forks of four iterations: forks vary by 5 %, iterations within a fork by 1 %. */
    private static List<List<Double>> forks(SplittableRandom random, double mean) {
        return random.doubles(5, 0, 1)
                .mapToObj(seed -> {
                    double fork = mean * (1 + 0.05 * normal(random));
                    return random.doubles(4)
                            .mapToObj(ignored -> fork * (1 + 0.01 * normal(random)))
                            .toList();
                })
                .toList();
    }

    /** Sum of twelve uniforms minus six: variance 1. */
    private static double normal(SplittableRandom random) {
        return random.doubles(12).sum() - 6;
    }

    private static void assertRatio(double value, double low, double high, Ratio ratio) {
        assertEquals(value, ratio.value(), 1e-10 * value);
        Interval interval = Objects.requireNonNull(ratio.interval());
        assertEquals(low, interval.low(), 1e-10 * low);
        assertEquals(high, interval.high(), 1e-10 * high);
    }
}
