package leakmark.reports.claims;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import leakmark.reports.Samples;
import leakmark.reports.result.Claim.Verdict;
import leakmark.reports.result.Evidence;
import leakmark.reports.result.Observation;
import leakmark.reports.result.ResultFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CheckTest {
    private static final Map<String, String> TEXT = Map.of("study", "text");

    private static Series series(String variant, int batchSize, String measure, Double... values) {
        return new Series("text", variant, Map.of("batchSize", "" + batchSize), Map.of(measure, List.of(values)));
    }

    /** Newcombe 1998, Statistics in Medicine 17, table I, method 3: Wilson's score without continuity correction. */
    @ParameterizedTest
    @CsvSource({"81, 263, 0.2553, 0.3662", "15, 148, 0.0624, 0.1605", "0, 20, 0, 0.1611", "1, 29, 0.0061, 0.1718"})
    void successRatesAgainstPublishedIntervals(int successes, int n, double low, double high) {
        List<Double> values = new ArrayList<>(Collections.nCopies(successes, 1.0));
        values.addAll(Collections.nCopies(n - successes, 0.0));
        Interval interval = Interval.ofMean(values);
        assertEquals(low, interval.low(), 5e-5);
        assertEquals(high, interval.high(), 5e-5);
    }

    /** By hand: mean 3, s² = 2.5; t(0.975, 4) = 2.776 from printed tables. */
    @Test
    void meansAgainstPrintedTables() {
        Interval interval = Interval.ofMean(List.of(5.0, 1.0, 3.0, 2.0, 4.0));
        assertEquals(3 - 2.776 * Math.sqrt(0.5), interval.low(), 5e-4);
        assertEquals(3 + 2.776 * Math.sqrt(0.5), interval.high(), 5e-4);
        assertTrue(Double.isNaN(Interval.ofMean(List.of(7.0)).low()));
        assertTrue(Double.isNaN(Interval.ofMean(Collections.nCopies(5, 7.0)).low()), "five equal values");
        assertEquals(7, Interval.ofMean(Collections.nCopies(6, 7.0)).low(), 0);
    }

    @ParameterizedTest
    @CsvSource({
        "0.9, 1.1, SUPPORTED",
        "1.1, 1.3, SUPPORTED",
        "0.7, 0.9, INCONCLUSIVE",
        "0.5, 0.79, REFUTED",
        "1.31, 1.5, REFUTED",
        "0.5, 1.5, INCONCLUSIVE",
        "NaN, NaN, INCONCLUSIVE",
        "NaN, 1.1, INCONCLUSIVE"
    })
    void anIntervalWhollyInsideSupportsWhollyOutsideRefutes(double low, double high, Verdict verdict) {
        assertEquals(verdict, new Interval(1, low, high, 9).against(0.8, 1.3));
    }

    @Test
    void oneValueOutsideRefutesWhatAlwaysHolds() {
        Check check = new Check.Every(TEXT, "rouge1", 0.99, null, "ROUGE-1", null);
        Series good = series("dager", 1, "rouge1", 1.0, 1.0, 1.0);
        assertEquals(Verdict.INCONCLUSIVE, check.judge(List.of(good)).verdict(), "three values");
        assertEquals(Verdict.SUPPORTED, check.judge(List.of(good, good)).verdict());
        assertEquals(
                Verdict.REFUTED,
                check.judge(List.of(good, good, series("dager", 2, "rouge1", 0.98)))
                        .verdict());
        assertEquals(Verdict.NOT_TESTABLE_HERE, check.judge(List.of()).verdict());
    }

    /** Twenty times as slow, with 10 % noise on both and another speed at each batch size. */
    @Test
    void ratiosPairEqualSettings() {
        SplittableRandom random = new SplittableRandom(3);
        List<Series> measured = new ArrayList<>();
        for (int batchSize : new int[] {1, 2, 4}) {
            Double[] fast = new Double[4];
            Double[] slow = new Double[4];
            for (int i = 0; i < 4; i++) {
                double speed = batchSize * batchSize * (1 + i);
                fast[i] = speed * (1 + 0.1 * (random.nextDouble() - 0.5));
                slow[i] = 20 * speed * (1 + 0.1 * (random.nextDouble() - 0.5));
            }
            measured.add(series("dager", batchSize, "seconds", fast));
            measured.add(series("lamp", batchSize, "seconds", slow));
        }
        // No pair: its counterpart was not measured.
        measured.add(series("lamp", 8, "seconds", 1e9));
        assertEquals(Verdict.SUPPORTED, ratio(18.5, 22.0).judge(measured).verdict());
        assertEquals(Verdict.REFUTED, ratio(24.0, null).judge(measured).verdict());
        assertEquals(Verdict.INCONCLUSIVE, ratio(20.0, null).judge(measured).verdict());
        assertEquals(
                Verdict.INCONCLUSIVE,
                ratio(18.5, null).judge(measured.stream().limit(0).toList()).verdict() == Verdict.NOT_TESTABLE_HERE
                        ? Verdict.INCONCLUSIVE
                        : Verdict.REFUTED);
        assertEquals(
                Verdict.INCONCLUSIVE,
                ratio(18.5, null)
                        .judge(List.of(series("dager", 1, "seconds", 1.0), series("lamp", 1, "seconds", 20.0)))
                        .verdict(),
                "one pair has no interval");
    }

    private static Check ratio(Double atLeast, @org.jspecify.annotations.Nullable Double atMost) {
        return new Check.Ratio(
                Map.of("variant", "lamp"), Map.of("variant", "dager"), "seconds", atLeast, atMost, "slower", null);
    }

    @Test
    void exponentsAreFoundWithinTheirInterval() {
        SplittableRandom random = new SplittableRandom(5);
        List<Series> measured = new ArrayList<>();
        for (int batchSize : new int[] {1, 2, 3, 5, 8}) {
            double time = Math.pow(batchSize, 1.5);
            measured.add(series(
                    "published",
                    batchSize,
                    "seconds",
                    time * (1 + 0.05 * (random.nextDouble() - 0.5)),
                    time * (1 + 0.05 * (random.nextDouble() - 0.5))));
        }
        assertEquals(Verdict.SUPPORTED, exponent(1.0, 2.0).judge(measured).verdict());
        assertEquals(Verdict.REFUTED, exponent(1.6, 2.0).judge(measured).verdict());
        assertEquals(Verdict.INCONCLUSIVE, exponent(1.5, 2.0).judge(measured).verdict());
        assertEquals(
                Verdict.INCONCLUSIVE,
                exponent(1.0, 2.0).judge(measured.subList(0, 1)).verdict(),
                "one size has no exponent");
    }

    private static Check exponent(double atLeast, double atMost) {
        return new Check.Exponent(
                TEXT, "seconds", "batchSize", List.of("batchSize"), atLeast, atMost, "exponent", null);
    }

    @Test
    void howFarAnAttackReaches() {
        List<Series> measured = List.of(
                series("dager", 1, "rouge1", 1.0),
                series("dager", 16, "rouge1", 1.0, 0.99),
                series("dager", 32, "rouge1", 0.4),
                series("lamp", 1, "rouge1", 1.0),
                series("lamp", 4, "rouge1", 0.2),
                series("tag", 1, "rouge1", 0.3));
        assertEquals(Verdict.SUPPORTED, reach("lamp", 10).judge(measured).verdict());
        assertEquals(Verdict.REFUTED, reach("lamp", 20).judge(measured).verdict());
        assertEquals(Verdict.SUPPORTED, reach("tag", 16).judge(measured).verdict(), "beyond the smallest tried");
        assertEquals(Verdict.INCONCLUSIVE, reach("tag", 20).judge(measured).verdict(), "smaller ones were not tried");
        assertEquals(
                Verdict.INCONCLUSIVE,
                reach("lamp", 20)
                        .judge(measured.stream()
                                .filter(series -> series.axis("batchSize") < 32)
                                .toList())
                        .verdict(),
                "larger ones were not tried");
    }

    private static Check reach(String other, double atLeast) {
        return new Check.Reach(
                Map.of("variant", "dager"),
                Map.of("variant", other),
                "rouge1",
                "batchSize",
                0.99,
                atLeast,
                "reach",
                null);
    }

    @Test
    void conditions() {
        Series series = new Series("text", "dager", Map.of("batchSize", "8", "model", "small"), Map.of());
        assertTrue(series.fits(Map.of("study", "images|text", "batchSize", "<=8")));
        assertTrue(series.fits(Map.of("batchSize", ">=8", "task", "classification|")));
        for (Map<String, String> other : List.of(
                Map.of("study", "images"),
                Map.of("batchSize", "<=7"),
                Map.of("batchSize", ">=9"),
                Map.of("sequenceLength", "<=7"),
                Map.of("task", "classification"))) {
            assertEquals(false, series.fits(other), other.toString());
        }
    }

    /** D04 on a file that `run` wrote: its sample has a cell of batch 8 with one sequence of eight wrong. */
    @Test
    void aResultFileIsEvidenceToo() {
        ClaimSheet sheet = ClaimSheets.parse("X", """
                id: X
                claim: c
                source: s
                known: k
                scale: none
                plan:
                  - {study: text, variant: dager}
                checks:
                  - {kind: every, of: {study: text|Dager.reconstruct, variant: vector, batchSize: '<=4'}, measure: rouge1,
                     atLeast: 0.99, says: ROUGE-1}
                  - {kind: exponent, of: {study: Dager.reconstruct, variant: published}, measure: time, axis: batchSize,
                     axes: [batchSize, sequenceLength], atLeast: 1.8, atMost: 2, says: exponent}
                """);
        ResultFile file = Samples.sweep();
        assertEquals(
                Verdict.SUPPORTED,
                sheet.judge(file).verdict(),
                sheet.judge(file).measured());
        ResultFile contradicted = file.with(Evidence.of(
                List.of(new Observation("text", "vector", Map.of("batchSize", "2"), Map.of("rouge1", List.of(0.5))))));
        assertEquals(Verdict.REFUTED, sheet.judge(contradicted).verdict());
    }
}
