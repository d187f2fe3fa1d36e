package leakmark.benchmarks.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import leakmark.reports.result.Result;
import leakmark.reports.result.Result.Status;
import leakmark.reports.result.Summary;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A speed of attacks by gradient matching counts only with their success. */
class GateInversionTest {
    /** Three rounds of 64 attacks in 2 s each. */
    @ParameterizedTest
    @CsvSource({
        "vector,    192, OK",
        "vector,    183, OK",
        "vector,    182, WITHHELD",
        "vector,      0, WITHHELD",
        "published,  96, OK",
        "published,  95, WITHHELD"
    })
    void tooFewRecoveredTakesTheScoreAway(String variant, int recovered, Status expected) {
        List<List<Double>> rounds = List.of(List.of(2000.0, 2000.0, 2000.0));
        Result measured = new Result(
                new Result.Key(
                        "leakmark.benchmarks.jmh.DlgBenchmark.attacks",
                        variant,
                        Map.of("attacks", "64", "threads", "1")),
                null,
                new Result.Metric("ms/op", Result.Better.LOWER),
                Status.OK,
                List.of(),
                Map.of(),
                null,
                rounds,
                Summary.of(rounds),
                Map.of(),
                Map.of(
                        "inversions",
                        192.0,
                        "recovered",
                        (double) recovered,
                        "mse",
                        recovered * 1e-4,
                        "labelAccuracy",
                        144.0,
                        "evaluations",
                        192.0 * 2000));
        Result judged = new Gate(List.of()).judge(measured);
        assertEquals(expected, judged.status());
        assertEquals("DlgBenchmark.attacks", judged.key().benchmark());
        assertEquals(recovered / 192.0, judged.quality().get(Result.SUCCESS_RATE));
        assertEquals(0.75, judged.quality().get("labelAccuracy"));
        assertEquals(2000.0, judged.counters().get("evaluationsPerAttack"));
        assertEquals(32.0, judged.counters().get("attacksPerSecond"));
        if (recovered == 0) {
            assertNull(judged.quality().get("mse"));
        } else {
            assertEquals(1e-4, judged.quality().getOrDefault("mse", 0.0), 1e-12);
        }
        assertEquals(expected == Status.OK, judged.summary() != null);
        assertTrue(expected == Status.OK
                || judged.reasons().get(0).startsWith(recovered + " of 192 attacks recovered everything"));
    }
}
