package leakmark.reports.result;

import java.util.List;
import java.util.Map;

/**
 * Times of single calls under a load.
 *
 * @param title what was called
 * @param variant provider
 * @param params its setting
 * @param offeredPerSecond calls a second that were due
 * @param achievedPerSecond calls a second that were finished; less, if the load was too high
 * @param calls how many
 * @param quality recovery of those very calls; empty for a kernel
 * @param response from the intended start, which other calls may delay
 * @param service from the true start
 */
public record Latency(
        String title,
        String variant,
        Map<String, String> params,
        double offeredPerSecond,
        double achievedPerSecond,
        long calls,
        Map<String, Double> quality,
        List<Point> response,
        List<Point> service) {
    public Latency {
        Values.required(title, "latency.title");
        Values.required(variant, "latency.variant");
        params = Values.map(params, "latency.params");
        quality = Values.numbers(quality, "latency.quality");
        response = Values.list(response, "latency.response");
        service = Values.list(service, "latency.service");
        Values.notNegative(offeredPerSecond, "latency.offeredPerSecond");
        Values.notNegative(achievedPerSecond, "latency.achievedPerSecond");
        if (response.isEmpty() || service.isEmpty() || calls < 1) {
            throw new IllegalArgumentException("latency of " + title + " has no calls");
        }
    }

    /** Calls that took longer than a percentile: 1 of 1,000 at 99.9, where binary fractions say 0.99999. */
    public long beyond(double percentile) {
        return (long) (calls * (100 - percentile) / 100 + 1e-6);
    }

    /**
     * A point of the percentile curve.
     *
     * @param percentile 0 to 100
     * @param seconds that share of the calls took no longer
     */
    public record Point(double percentile, double seconds) {
        public Point {
            Values.notNegative(percentile, "latency.percentile");
            Values.notNegative(seconds, "latency.seconds");
        }
    }
}
