package leakmark.benchmarks.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicInteger;
import leakmark.kernels.Cost;
import leakmark.kernels.cuda.DeviceTimer.Run;
import org.junit.jupiter.api.Test;

class DeviceMeasurementTest {
    @Test
    void stopsAtHalfASecondOfQuietRunsAndDiscardsThrottledOnes() {
        AtomicInteger runs = new AtomicInteger();
        DeviceMeasurement measured = DeviceMeasurement.repeat(
                () -> {
                    int run = runs.getAndIncrement();
                    return run % 3 == 0 ? new Run(100, 1, 500, true) : new Run(10, 2, 1500, false);
                },
                true);
        assertEquals(50, measured.samples().size());
        assertEquals(25, measured.discarded());
        assertEquals(10, measured.median());
        assertEquals(2, measured.hostMilliseconds());
        assertEquals(1500, measured.clockMegahertz());
        assertTrue(measured.cold());
    }

    /** Alternating 9 and 11 ms: s = 1, standard error below 0.5 % of 10 needs more than (1/0.05)² = 400 runs. */
    @Test
    void goesOnWhileRunsAreNoisy() {
        AtomicInteger runs = new AtomicInteger();
        DeviceMeasurement measured =
                DeviceMeasurement.repeat(() -> new Run(9 + 2 * (runs.getAndIncrement() % 2), 1, 1500, false), false);
        assertTrue(
                measured.samples().size() >= 400 && measured.samples().size() <= 404,
                measured.samples().size() + " runs");
        assertEquals(9, measured.quantile(0.25));
        assertEquals(11, measured.quantile(0.75));
    }

    @Test
    void refusesToMeasureWhatIsAlwaysThrottled() {
        AtomicInteger runs = new AtomicInteger();
        assertThrows(
                IllegalStateException.class,
                () -> DeviceMeasurement.repeat(
                        () -> {
                            if (runs.incrementAndGet() > 1000) {
                                throw new IllegalStateException("all 1000 runs were throttled");
                            }
                            return new Run(1, 1, 100, true);
                        },
                        false));
    }

    @Test
    void theRoofThatBindsIsTheSlowerOne() {
        DeviceBound bound = new DeviceBound("a card", 1000, 10_000, 100);
        Cost memory = new Cost(1e9, 1e9);
        Cost arithmetic = new Cost(1e12, 1e9);
        assertEquals("memory", bound.bounding(memory));
        assertEquals(1, bound.milliseconds(memory), 1e-12);
        assertEquals("arithmetic", bound.bounding(arithmetic));
        assertEquals(100, bound.milliseconds(arithmetic), 1e-9);
        assertEquals(10_000, bound.inDouble().milliseconds(arithmetic), 1e-6);
    }
}
