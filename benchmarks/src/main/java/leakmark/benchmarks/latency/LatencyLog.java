package leakmark.benchmarks.latency;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import leakmark.reports.result.Latency;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogWriter;

/**
 * Response times (from the intended start) and service times (from the true one) of calls, in nanoseconds, three
 * significant digits.
 */
public final class LatencyLog {
    private static final int DIGITS = 3;
    private static final long SECOND = 1_000_000_000;

    /** Points of a percentile curve between two halvings of what is left above. */
    private static final int TICKS = 5;

    private final double perSecond;
    private final Histogram response = new Histogram(DIGITS);
    private final Histogram service = new Histogram(DIGITS);
    private final Map<Long, Histogram> responseBySecond = new TreeMap<>();
    private final Map<Long, Histogram> serviceBySecond = new TreeMap<>();
    private long lastEnd;

    LatencyLog(double perSecond) {
        this.perSecond = perSecond;
    }

    /** One call; all times in nanoseconds from the first intended start. */
    void record(long intended, long start, long end) {
        response.recordValue(end - intended);
        service.recordValue(end - start);
        interval(responseBySecond, intended).recordValue(end - intended);
        interval(serviceBySecond, intended).recordValue(end - start);
        lastEnd = end;
    }

    private static Histogram interval(Map<Long, Histogram> bySecond, long nanos) {
        return bySecond.computeIfAbsent(nanos / SECOND, second -> {
            Histogram histogram = new Histogram(DIGITS);
            histogram.setStartTimeStamp(second * 1000);
            histogram.setEndTimeStamp((second + 1) * 1000);
            return histogram;
        });
    }

    /** Calls recorded. */
    public long calls() {
        return response.getTotalCount();
    }

    /** Calls a second that were finished. */
    public double achievedPerSecond() {
        return calls() * (double) SECOND / lastEnd;
    }

    /** Seconds within which this share of the calls answered, from their intended start. */
    public double responseSeconds(double percentile) {
        return response.getValueAtPercentile(percentile) * 1e-9;
    }

    /** Seconds within which this share of the calls was done, from their true start. */
    public double serviceSeconds(double percentile) {
        return service.getValueAtPercentile(percentile) * 1e-9;
    }

    /** As a result file keeps it. */
    public Latency latency(String title, String variant, Map<String, String> params, Map<String, Double> quality) {
        return new Latency(
                title,
                variant,
                params,
                perSecond,
                achievedPerSecond(),
                calls(),
                quality,
                points(response),
                points(service));
    }

    private static List<Latency.Point> points(Histogram histogram) {
        List<Latency.Point> points = new ArrayList<>();
        histogram
                .percentiles(TICKS)
                .forEach(value -> points.add(
                        new Latency.Point(value.getPercentileLevelIteratedTo(), value.getValueIteratedTo() * 1e-9)));
        return points;
    }

    /**
     * HdrHistogram's log: an interval a second, tagged {@code TAG.response} and {@code TAG.service}.
     *
     * @param tag without commas and blanks
     * @param startMilliseconds when the first call was due, milliseconds since 1970
     */
    public String hlog(String tag, long startMilliseconds) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (PrintStream stream = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
            HistogramLogWriter writer = new HistogramLogWriter(stream);
            writer.outputComment("[nanoseconds; response times count from the intended start]");
            writer.outputLogFormatVersion();
            writer.outputStartTime(startMilliseconds);
            writer.outputLegend();
            for (long second : responseBySecond.keySet()) {
                write(writer, responseBySecond, second, tag + ".response");
                write(writer, serviceBySecond, second, tag + ".service");
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static void write(HistogramLogWriter writer, Map<Long, Histogram> bySecond, long second, String tag) {
        Histogram histogram = bySecond.get(second);
        if (histogram != null) {
            histogram.setTag(tag);
            // Seconds from the start; the value unit of the last column is kept.
            writer.outputIntervalHistogram((double) second, (double) (second + 1), histogram, 1);
        }
    }
}
