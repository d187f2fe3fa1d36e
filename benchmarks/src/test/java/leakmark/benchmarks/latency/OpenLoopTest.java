package leakmark.benchmarks.latency;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import leakmark.reports.result.Latency;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;
import org.junit.jupiter.api.Test;

class OpenLoopTest {
    private static final long MILLI = 1_000_000;

    /** Three significant digits. */
    private static final double RESOLUTION = 1.001e-3;

    /** A clock that calls move. */
    private static final class PlantedTime implements OpenLoop.Time {
        long now = 7;

        @Override
        public long nanos() {
            return now;
        }

        @Override
        public void until(long nanos) {
            now = Math.max(now, nanos);
        }
    }

    /** 1000 calls of 1 ms, 100 a second, of which the 501st takes 1 s. */
    private static LatencyLog withStall() {
        PlantedTime time = new PlantedTime();
        int[] call = {0};
        return OpenLoop.run(() -> time.now += call[0]++ == 500 ? 1000 * MILLI : MILLI, 100, 1000, time);
    }

    /** By the queue's recursion: end(i) = max(end(i−1), due(i)) + service(i). */
    private static double[] responses() {
        double[] responses = new double[1000];
        double end = 0;
        for (int i = 0; i < 1000; i++) {
            end = Math.max(end, 10.0 * i) + (i == 500 ? 1000 : 1);
            responses[i] = end - 10.0 * i;
        }
        Arrays.sort(responses);
        return responses;
    }

    @Test
    void aStallDelaysThoseBehindIt() {
        LatencyLog log = withStall();
        double[] expected = responses();
        for (double percentile : new double[] {50, 89, 90, 95, 99, 99.9, 100}) {
            double exact = expected[(int) Math.round(percentile * 10) - 1] * 1e-3;
            assertEquals(exact, log.responseSeconds(percentile), RESOLUTION * exact + 1e-9, "at " + percentile);
        }
        // A client that waits for each answer would see one slow call in a thousand and 1 ms at 99 %.
        assertEquals(1e-3, log.serviceSeconds(99), RESOLUTION * 1e-3);
        assertTrue(log.responseSeconds(99) > 0.85, "99 % within " + log.responseSeconds(99));
        assertEquals(1, log.serviceSeconds(100), RESOLUTION);
    }

    @Test
    void anOverloadIsSeen() {
        PlantedTime time = new PlantedTime();
        LatencyLog log = OpenLoop.run(() -> time.now += 20 * MILLI, 100, 200, time);
        assertEquals(50, log.achievedPerSecond(), 0.5);
        // The last call is due at 1990 ms and ends at 4000 ms.
        assertEquals(2.01, log.responseSeconds(100), RESOLUTION * 2.01);
    }

    @Test
    void theLogReadsBackWithItsTags() {
        LatencyLog log = withStall();
        String text = log.hlog("dager", 1_700_000_000_000L);
        Map<String, Histogram> sums = new HashMap<>();
        Map<String, Long> intervals = new HashMap<>();
        HistogramLogReader reader =
                new HistogramLogReader(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
        while (reader.hasNext()) {
            Histogram interval = (Histogram) reader.nextIntervalHistogram();
            sums.computeIfAbsent(interval.getTag(), tag -> new Histogram(3)).add(interval);
            intervals.merge(interval.getTag(), 1L, Long::sum);
        }
        assertEquals(java.util.Set.of("dager.response", "dager.service"), sums.keySet());
        assertEquals(Map.of("dager.response", 10L, "dager.service", 10L), intervals);
        Histogram response = sums.getOrDefault("dager.response", new Histogram(3));
        assertEquals(1000, response.getTotalCount());
        assertEquals(log.responseSeconds(99), response.getValueAtPercentile(99) * 1e-9, 1e-12);
    }

    @Test
    void theCurveEndsAtTheLargestValueAndNeverFalls() {
        Latency latency = withStall().latency("dager", "vector", Map.of(), Map.of());
        for (List<Latency.Point> points : List.of(latency.response(), latency.service())) {
            assertEquals(100, points.get(points.size() - 1).percentile(), 0);
            assertEquals(1, points.get(points.size() - 1).seconds(), 2e-3);
            List<Double> seconds =
                    new ArrayList<>(points.stream().map(Latency.Point::seconds).toList());
            assertEquals(seconds.stream().sorted().toList(), seconds);
        }
    }

    @Test
    void realTimeIsKept() {
        long start = System.nanoTime();
        LatencyLog log = OpenLoop.run(() -> {}, 200, 21);
        double elapsed = (System.nanoTime() - start) * 1e-9;
        assertTrue(elapsed >= 0.1, "20 intervals of 5 ms took " + elapsed);
        assertEquals(21, log.calls());
        assertThrows(IllegalArgumentException.class, () -> OpenLoop.run(() -> {}, 0, 1));
    }
}
