package leakmark.reports.compare;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import leakmark.reports.result.CellComparison;
import leakmark.reports.result.CellComparison.Estimate;
import leakmark.reports.result.CellComparison.Verdict;
import leakmark.reports.result.Result;
import leakmark.reports.result.SideComparison;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against hand-computed values and printed tables. */
class JudgeTest {
    static final Result.Key KEY = new Result.Key("Kernel.run", "vector", Map.of("hiddenSize", "64"));
    static final Result.Metric TIME = new Result.Metric("ms/op", Result.Better.LOWER);
    private static final Result.Metric RATE = new Result.Metric("ops/s", Result.Better.HIGHER);
    private static final Judge JUDGE = new Judge(0.03);

    static List<Double> list(double... values) {
        return DoubleStream.of(values).boxed().toList();
    }

    /** Log ratios 0.10, 0.12, 0.14, 0.16, 0.18, 0.20: mean 0.15, s = 0.0374166; t(0.975, 5) = 2.5706 from printed tables. */
    @Test
    void intervalOverRounds() {
        double[] logs = {0.10, 0.12, 0.14, 0.16, 0.18, 0.20};
        List<Double> base = list(1, 2, 3, 4, 5, 6);
        List<Double> head = IntStream.range(0, 6)
                .mapToObj(i -> base.get(i) * Math.exp(logs[i]))
                .toList();
        double half = 2.5706 * 0.0374166 / Math.sqrt(6);
        Estimate estimate = estimate(JUDGE.paired(KEY, TIME, base, head));
        assertEquals(Math.exp(0.15), estimate.ratio(), 1e-12);
        assertEquals(Math.exp(0.15 - half), estimate.low(), 1e-5);
        assertEquals(Math.exp(0.15 + half), estimate.high(), 1e-5);
        assertEquals(Verdict.REGRESSED, JUDGE.paired(KEY, TIME, base, head).verdict());
        // t = 0.15/0.0152753 = 9.82 with 5 degrees of freedom: p between 0.0001 and 0.0003 two-sided.
        assertTrue(estimate.pDifferent() > 1e-4 && estimate.pDifferent() < 3e-4, estimate.toString());
        // Detectable: log 1.03 + (2.5706 + 0.9195)·s/√6.
        double detectable = Math.exp(Math.log(1.03) + (2.5706 + 0.9195) * 0.0374166 / Math.sqrt(6)) - 1;
        assertEquals(detectable, Objects.requireNonNull(estimate.detectable()), 1e-5);
        // A rate turns the same numbers around.
        assertEquals(Verdict.IMPROVED, JUDGE.paired(KEY, RATE, base, head).verdict());
        assertEquals(
                Math.exp(-0.15), estimate(JUDGE.paired(KEY, RATE, base, head)).ratio(), 1e-12);
    }

    @ParameterizedTest
    @CsvSource({
        "0.10, 0.01, REGRESSED",
        "-0.10, 0.01, IMPROVED",
        "0.00, 0.01, SAME",
        "0.015, 0.01, SAME",
        "0.03, 0.01, INCONCLUSIVE",
        "0.05, 0.04, INCONCLUSIVE",
        "0.00, 0.20, INCONCLUSIVE",
    })
    void verdictsByTheBand(double mean, double spread, Verdict expected) {
        CellComparison cell = alternating(mean, spread, 10);
        assertEquals(expected, cell.verdict(), cell.toString());
        assertEquals(expected == Verdict.INCONCLUSIVE, !cell.reasons().isEmpty());
    }

    /** Log ratios mean ± spread in turn. */
    private static CellComparison alternating(double mean, double spread, int rounds) {
        List<Double> base = IntStream.range(0, rounds).mapToObj(i -> 7.0 + i).toList();
        List<Double> head = IntStream.range(0, rounds)
                .mapToObj(i -> base.get(i) * Math.exp(mean + (i % 2 == 0 ? spread : -spread)))
                .toList();
        return JUDGE.paired(KEY, TIME, base, head);
    }

    @Test
    void fewRoundsAreNoVerdict() {
        CellComparison five = alternating(0.5, 0.001, 5);
        assertEquals(Verdict.INCONCLUSIVE, five.verdict());
        assertEquals(List.of("5 rounds, a verdict needs 6"), five.reasons());
        assertEquals(null, JUDGE.paired(KEY, TIME, list(1), list(2)).estimate());
        assertEquals(
                Verdict.INCONCLUSIVE, JUDGE.paired(KEY, TIME, list(), list()).verdict());
    }

    @Test
    void withoutNoise() {
        List<Double> base = list(1, 1, 1, 1, 1, 1);
        CellComparison same = JUDGE.paired(KEY, TIME, base, base);
        assertEquals(Verdict.SAME, same.verdict());
        assertEquals(1, estimate(same).pDifferent(), 0);
        CellComparison slower = JUDGE.paired(KEY, TIME, base, list(2, 2, 2, 2, 2, 2));
        assertEquals(Verdict.REGRESSED, slower.verdict());
        assertEquals(0, estimate(slower).pSlower(), 0);
        assertThrows(IllegalArgumentException.class, () -> JUDGE.paired(KEY, TIME, base, list(1, 1, 1, 0, 1, 1)));
        assertThrows(IllegalArgumentException.class, () -> new Judge(0));
        assertThrows(IllegalArgumentException.class, () -> new Judge(Double.NaN));
    }

    /** Rounds needed are enough, and half of them are not: with the same noise, the interval then reaches the band. */
    @Test
    void roundsNeededDecide() {
        Estimate close = estimate(alternating(0.06, 0.06, 10));
        int needed = Objects.requireNonNull(close.roundsNeeded());
        assertEquals(Verdict.INCONCLUSIVE, alternating(0.06, 0.06, 10).verdict());
        assertTrue(needed > 10 && needed < 100, "rounds needed " + needed);
        assertEquals(
                Verdict.REGRESSED, alternating(0.06, 0.06, needed + needed % 2).verdict());
        assertEquals(
                Verdict.INCONCLUSIVE, alternating(0.06, 0.06, needed / 4 * 2).verdict());
    }

    /** Holm's and Benjamini and Hochberg's procedures by hand on p = 0.01, 0.04, 0.03, 0.005. */
    @Test
    void multiplicityByHand() {
        double[] p = {0.01, 0.04, 0.03, 0.005};
        assertArrayEquals(new double[] {0.03, 0.06, 0.06, 0.02}, Multiplicity.holm(p), 1e-15);
        assertArrayEquals(new double[] {0.02, 0.04, 0.04, 0.02}, Multiplicity.benjaminiHochberg(p), 1e-15);
        assertArrayEquals(new double[] {1, 1}, Multiplicity.holm(new double[] {0.9, 0.6}), 0);
        assertEquals(0, Multiplicity.holm(new double[0]).length);
    }

    @Test
    void aSecondMeasurementConfirmsOrNot() {
        CellComparison first = alternating(0.10, 0.02, 10);
        CellComparison confirmed = JUDGE.confirmed(first, alternating(0.09, 0.02, 10));
        assertEquals(Verdict.REGRESSED, confirmed.verdict());
        assertEquals(20, confirmed.base().size());
        assertTrue(confirmed.reasons().get(0).matches("measured twice: \\+10\\.5 %, then \\+9\\.4 %"));
        CellComparison gone = JUDGE.confirmed(first, alternating(0.0, 0.02, 10));
        assertEquals(Verdict.INCONCLUSIVE, gone.verdict());
        assertTrue(
                gone.reasons().toString().contains("not confirmed"),
                gone.reasons().toString());
    }

    @Test
    void holmDecidesWhatFails() {
        CellComparison strong = alternating(0.20, 0.01, 10);
        CellComparison weak = alternating(0.05, 0.027, 10);
        assertEquals(Verdict.REGRESSED, weak.verdict());
        List<CellComparison> cells = Judge.together(
                List.of(weak, strong, alternating(0, 0.01, 10), alternating(0, 0.02, 10), notApplicable()));
        SideComparison comparison = comparison(cells);
        assertEquals(List.of(cells.get(1)), Judge.regressions(comparison));
        assertEquals(List.of(cells.get(0)), Judge.undecided(comparison));
        assertEquals(
                1, Judge.regressions(comparison(Judge.together(List.of(weak)))).size());
    }

    static CellComparison notApplicable() {
        return new CellComparison(
                KEY, TIME, Verdict.NOT_APPLICABLE, List.of("base has no such benchmark"), List.of(), List.of(), null);
    }

    static SideComparison comparison(List<CellComparison> cells) {
        return new SideComparison(
                new SideComparison.Side("HEAD~1", "0123", "aa"),
                new SideComparison.Side("HEAD", "4567", "bb"),
                SideComparison.Method.PAIRED,
                0.03,
                null,
                cells);
    }

    /**
     * Wilcoxon's table: for 5 and 5 values the two-sided 5 % test rejects U ≤ 2, so the interval ends at the third smallest
     * and third largest of the 25 differences.
     */
    @Test
    void hodgesLehmannAgainstTheTable() {
        double[] base = {0.0, 1.0, 3.0, 7.0, 12.0};
        double[] head = {20.0, 21.5, 22.25, 29.125, 31.0625};
        double[] differences = DoubleStream.of(head)
                .flatMap(h -> DoubleStream.of(base).map(b -> h - b))
                .sorted()
                .toArray();
        Shift shift = Shift.of(base, head, 0);
        assertEquals(differences[12], shift.estimate(), 0);
        assertEquals(differences[2], shift.low(), 0);
        assertEquals(differences[22], shift.high(), 0);
        // All of head above all of base: 2 of the 252 orders are as extreme.
        assertEquals(2.0 / 252, shift.pDifferent(), 1e-12);
        assertEquals(1.0 / 252, shift.pAbove(), 1e-12);
        assertEquals(Double.NEGATIVE_INFINITY, Shift.of(list3(), list3(), 0).low(), "3 and 3 give no interval");
    }

    private static double[] list3() {
        return new double[] {1, 2, 3};
    }

    @Test
    void filesApartNeedForks() {
        CellComparison few = JUDGE.unpaired(KEY, TIME, list(1, 1.01, 1.02), list(2, 2.01, 2.02));
        assertEquals(Verdict.INCONCLUSIVE, few.verdict());
        assertTrue(few.reasons().get(0).contains("3 and 3"), few.reasons().toString());
        CellComparison slower =
                JUDGE.unpaired(KEY, TIME, list(1, 1.01, 1.02, 1.03, 0.99), list(1.2, 1.21, 1.19, 1.22, 1.18));
        assertEquals(Verdict.REGRESSED, slower.verdict());
        assertEquals(
                Verdict.IMPROVED,
                JUDGE.unpaired(KEY, RATE, list(1, 1.01, 1.02, 1.03), list(2, 2, 2, 2))
                        .verdict());
        assertFalse(Double.isInfinite(estimate(slower).high()));
    }

    static Estimate estimate(CellComparison cell) {
        return Objects.requireNonNull(cell.estimate());
    }
}
