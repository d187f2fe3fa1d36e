package leakmark.reports.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import leakmark.reports.statistics.EDivisive.ChangePoint;
import org.junit.jupiter.api.Test;

/**
 * References: the test data of MongoDB's signal-processing-algorithms (github.com/mongodb/signal-processing-algorithms,
 * tests/test_detection.py, test_perf_1635.py and data/expected_result_robust_series_proper_division.json). Where its
 * factor nm/(n+m) is rounded down, that is undone here.
 */
class EDivisiveTest {
    /** Three levels of random integers, 20 values each. */
    private static final double[] RANDOM = {
        41, 18, 23, 3, 32, 11, 40, 13, 29, 48, 47, 35, 18, 21, 6, 2, 23, 3, 4, 7, 120, 103, 102, 81, 71, 62, 115, 61,
        108, 63, 70, 98, 65, 96, 64, 74, 70, 113, 90, 114, 208, 196, 153, 150, 225, 179, 206, 165, 177, 151, 218, 217,
        244, 245, 229, 195, 225, 229, 176, 250
    };

    private static double[] steps(int length, int from, int to) {
        double[] series = new double[length];
        Arrays.fill(series, 50);
        series[2] = 100;
        Arrays.fill(series, from, to, 100);
        return series;
    }

    /** The factor rounded down over the factor. */
    private static double rounded(int n, int m) {
        return Math.floor((double) n * m / (n + m)) / ((double) n * m / (n + m));
    }

    @Test
    void statisticsOfThreeSyntheticSeriesAgree() {
        assertEquals(2776.9140350877196, EDivisive.statistics(RANDOM)[40] * rounded(40, 20), 1e-9);
        assertEquals(893.578947368421, EDivisive.statistics(Arrays.copyOf(RANDOM, 40))[20], 1e-9);
        assertEquals(167.66666666666666, EDivisive.statistics(Arrays.copyOfRange(RANDOM, 40, 60))[10], 1e-9);

        assertEquals(606.6666666666666, EDivisive.statistics(steps(30, 15, 30))[15] * rounded(15, 15), 1e-9);

        double[] two = steps(45, 15, 30);
        Arrays.fill(two, 30, 45, 150);
        assertEquals(1209.1954022988505, EDivisive.statistics(two)[30], 1e-9);

        double[] recovered = steps(45, 15, 30);
        recovered[32] = 100;
        assertEquals(206.06060606060612, EDivisive.statistics(recovered)[33] * rounded(33, 12), 1e-9);

        double[] small = {1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3};
        double[] expected = {
            1.3777777777777778,
            3.4444444444444438,
            4.428571428571429,
            2.971428571428571,
            3.599999999999999,
            2.342857142857143,
            2.857142857142857,
            4.666666666666666
        };
        double[] statistics = EDivisive.statistics(small);
        for (int n = 2; n < 10; n++) {
            assertEquals(expected[n - 2], statistics[n] * rounded(n, 12 - n), 1e-12, "at " + n);
        }
    }

    /** Throughputs of a MongoDB performance test over 173 commits (PERF-1635). */
    @Test
    void statisticsAndChangesOfARealSeriesAgree() throws java.io.IOException {
        double[] series = real();
        assertEquals(173, series.length);
        double[] statistics = EDivisive.statistics(series);
        int[] at = {3, 25, 26, 69, 100, 113, 114, 115, 116, 150, 170};
        double[] expected = {
            3683.945381379931,
            35813.93463498333,
            32872.88246114281,
            3416.5461730066304,
            36467.549920774334,
            71348.36289848674,
            75366.50336006185,
            75126.04486592395,
            73499.99035610768,
            21107.693007930662,
            4336.7848013245
        };
        for (int i = 0; i < at.length; i++) {
            assertEquals(expected[i], statistics[at[i]], 1e-7 * expected[i], "at " + at[i]);
        }
        List<Integer> found = EDivisive.standard().detect(series).stream()
                .map(ChangePoint::index)
                .toList();
        assertTrue(found.contains(114) && found.contains(25), found.toString());
    }

    private static double[] real() throws java.io.IOException {
        try (java.io.InputStream stream = java.util.Objects.requireNonNull(
                EDivisiveTest.class.getResourceAsStream("/leakmark/reports/statistics/perf-1635.txt"))) {
            return new String(stream.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8)
                    .lines()
                    .mapToDouble(Double::parseDouble)
                    .toArray();
        }
    }

    @Test
    void changesOfSyntheticSeriesAgree() {
        EDivisive standard = EDivisive.standard();
        assertEquals(List.of(20, 40), indices(standard.detect(RANDOM)));
        assertEquals(List.of(15), indices(standard.detect(steps(30, 15, 30))));
        double[] two = steps(45, 15, 30);
        Arrays.fill(two, 30, 45, 150);
        assertEquals(List.of(15, 30), indices(standard.detect(two)));
        double[] recovered = steps(45, 15, 30);
        recovered[32] = 100;
        // At the reference's own level; a split in two sees a change and back less well than a step.
        assertEquals(List.of(15, 33), indices(new EDivisive(0.01, 3, 199, 1).detect(recovered)));
        assertEquals(List.of(), standard.detect(new double[30]));
    }

    /** The definition, summed pair by pair. */
    @Test
    void fastSumsAreTheDefinition() {
        SplittableRandom random = new SplittableRandom(9);
        double[] series = random.doubles(23).toArray();
        double[] statistics = EDivisive.statistics(series);
        for (int n = 2; n < 22; n++) {
            int m = 23 - n;
            double cross = 0;
            double left = 0;
            double right = 0;
            for (int i = 0; i < 23; i++) {
                for (int j = i + 1; j < 23; j++) {
                    double distance = Math.abs(series[i] - series[j]);
                    left += j < n ? distance : 0;
                    right += i >= n ? distance : 0;
                    cross += i < n && j >= n ? distance : 0;
                }
            }
            double expected =
                    n * m / 23.0 * (2 * cross / (n * m) - 2 * left / (n * (n - 1)) - 2 * right / (m * (m - 1)));
            assertEquals(expected, statistics[n], 1e-12, "at " + n);
        }
    }

    /** Of 200 series of noise at most 3 may have a point: 0.2 are expected at 0.001. */
    @Test
    void noiseHasNoChanges() {
        SplittableRandom random = new SplittableRandom(11);
        long wrong = IntStream.range(0, 200)
                .filter(i -> !EDivisive.standard()
                        .detect(random.doubles(20).toArray())
                        .isEmpty())
                .count();
        assertTrue(wrong <= 3, wrong + " of 200");
        assertThrows(IllegalArgumentException.class, () -> new EDivisive(0.001, 3, 100, 1));
    }

    private static List<Integer> indices(List<ChangePoint> points) {
        return points.stream().map(ChangePoint::index).toList();
    }
}
