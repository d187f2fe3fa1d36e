package leakmark.reports.html;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import leakmark.reports.result.Latency;

/**
 * Times against percentiles; the horizontal axis is {@code log 1/(1 − p)}, so that each further nine takes equal room. All
 * positions are pixels.
 *
 * @param across horizontal ticks
 * @param up vertical ticks
 * @param response points of a polyline
 * @param service points of a polyline
 * @param marks the usual percentiles of the response times
 * @param description for readers who cannot see it
 */
record PercentileChart(
        List<Chart.Tick> across,
        List<Chart.Tick> up,
        String response,
        String service,
        List<Mark> marks,
        String description) {
    /** One percentile: where it is drawn, and its numbers. */
    record Mark(String x, String y, String percentile, String response, String service) {}

    private static final double[] PERCENTILES = {50, 90, 99, 99.9, 99.99, 99.999};

    static PercentileChart of(Latency latency) {
        // The largest value stands at the percentile one more call would have.
        LogScale across = new LogScale(1, 2.0 * latency.calls() + 1, Chart.LEFT, Chart.RIGHT);
        LogScale up = LogScale.over(
                Stream.concat(latency.response().stream(), latency.service().stream())
                        .mapToDouble(point -> Math.max(1e-9, point.seconds()))
                        .toArray(),
                Chart.BOTTOM,
                Chart.TOP);
        List<Chart.Tick> ticks = new ArrayList<>();
        List<Mark> marks = new ArrayList<>();
        for (double percentile : PERCENTILES) {
            double x = across.pixel(inverse(percentile, latency.calls()));
            if (latency.beyond(percentile) >= 1) {
                ticks.add(new Chart.Tick(Format.pixel(x), percentile + " %"));
                marks.add(mark(latency, percentile, x, up));
            }
        }
        double end = across.pixel(inverse(100, latency.calls()));
        marks.add(mark(latency, 100, end, up));
        return new PercentileChart(
                ticks.stream()
                        .map(tick ->
                                new Chart.Tick(tick.position(), tick.label().replace(".0 ", " ")))
                        .toList(),
                up.ticks().stream()
                        .map(value -> new Chart.Tick(
                                Format.pixel(up.pixel(value)),
                                Format.seconds(value).replaceFirst("\\.0+ ", " ")))
                        .toList(),
                path(latency.response(), latency.calls(), across, up),
                path(latency.service(), latency.calls(), across, up),
                marks,
                "Percentiles of " + latency.calls() + " calls of " + latency.title() + ": "
                        + String.join(
                                ", ",
                                marks.stream()
                                        .map(mark -> mark.percentile() + " within " + mark.response())
                                        .toList()));
    }

    private static Mark mark(Latency latency, double percentile, double x, LogScale up) {
        double response = at(latency.response(), percentile);
        return new Mark(
                Format.pixel(x),
                Format.pixel(up.pixel(Math.max(1e-9, response))),
                percentile == 100 ? "largest" : (percentile + " %").replace(".0 ", " "),
                Format.seconds(response),
                Format.seconds(at(latency.service(), percentile)));
    }

    private static double inverse(double percentile, long calls) {
        return Math.min(1 / (1 - percentile / 100), 2.0 * calls);
    }

    private static double at(List<Latency.Point> points, double percentile) {
        return points.stream()
                .filter(point -> point.percentile() >= percentile - 1e-9)
                .findFirst()
                .orElse(points.get(points.size() - 1))
                .seconds();
    }

    private static String path(List<Latency.Point> points, long calls, LogScale across, LogScale up) {
        StringBuilder path = new StringBuilder();
        for (Latency.Point point : points) {
            path.append(path.isEmpty() ? "" : " ")
                    .append(Format.pixel(across.pixel(inverse(point.percentile(), calls))))
                    .append(',')
                    .append(Format.pixel(up.pixel(Math.max(1e-9, point.seconds()))));
        }
        return path.toString();
    }
}
