package leakmark.reports.html;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import leakmark.reports.history.Timeline;
import leakmark.reports.result.Result;
import leakmark.reports.result.Units;

/**
 * A cell over time, one mark a run at equal distances; the value on a logarithmic scale. All positions are pixels.
 *
 * @param title of the cell
 * @param description for readers who cannot see it
 * @param up vertical ticks
 * @param path points of a polyline
 * @param marks one a run
 * @param changes where the level changed
 */
record HistoryChart(
        String title, String description, List<Chart.Tick> up, String path, List<Mark> marks, List<Step> changes) {
    static final int HEIGHT = 210;
    static final int BOTTOM = 176;
    private static final double EDGE = 14;

    /** One run; a noted one is drawn filled. */
    record Mark(String x, String y, boolean noted, String title) {}

    /** A change of level. */
    record Step(String x, boolean worse, String label, String title) {}

    /** Draws a timeline; needs at least one value. */
    static HistoryChart of(Timeline timeline) {
        List<Timeline.Change> changes = timeline.changes();
        LogScale up = LogScale.over(
                timeline.values().stream().mapToDouble(Double::doubleValue).toArray(), BOTTOM, Chart.TOP);
        int count = timeline.points().size();
        List<Mark> marks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Timeline.Point point = timeline.points().get(i);
            String note = point.entry().note();
            marks.add(new Mark(
                    Format.pixel(across(i, count)),
                    Format.pixel(up.pixel(timeline.values().get(i))),
                    !note.isEmpty(),
                    point.entry().label() + ", " + point.entry().file().run().startedAt() + ": "
                            + value(timeline, timeline.values().get(i))
                            + (note.isEmpty() ? "" : ". " + note)));
        }
        List<Step> steps = changes.stream()
                .map(change -> new Step(
                        Format.pixel((across(change.index() - 1, count) + across(change.index(), count)) / 2),
                        change.worse(),
                        percent(change.ratio()),
                        timeline.points().get(change.index()).entry().label() + ": " + percent(change.ratio()) + ", p "
                                + Format.digits(change.p())))
                .toList();
        return new HistoryChart(
                timeline.key().benchmark() + " " + timeline.key().variant(),
                count + " runs of " + timeline.title() + ", "
                        + (steps.isEmpty()
                                ? "no change of level"
                                : "changes of level: "
                                        + steps.stream().map(Step::title).collect(Collectors.joining("; "))),
                up.ticks().stream()
                        .map(value -> new Chart.Tick(Format.pixel(up.pixel(value)), value(timeline, value)))
                        .toList(),
                marks.stream().map(mark -> mark.x() + "," + mark.y()).collect(Collectors.joining(" ")),
                marks,
                steps);
    }

    private static double across(int index, int count) {
        double width = Chart.RIGHT - Chart.LEFT - 2 * EDGE;
        return Chart.LEFT + EDGE + (count == 1 ? width / 2 : width * index / (count - 1));
    }

    private static String percent(double ratio) {
        return (ratio >= 1 ? "+" : "−") + Format.percent(Math.abs(ratio - 1));
    }

    private static String value(Timeline timeline, double value) {
        if (timeline.normalised()) {
            return Format.digits(value);
        }
        return Units.seconds(timeline.metric().unit()).isPresent()
                ? Format.seconds(value * Units.seconds(timeline.metric().unit()).getAsDouble())
                : Format.digits(value);
    }

    /** What a caption needs. */
    static String setting(Timeline timeline) {
        Map<String, String> params = timeline.key().params();
        String unit = timeline.normalised()
                ? "time × machine's roofs, several machines"
                : timeline.metric().better() == Result.Better.LOWER
                        ? "time"
                        : timeline.metric().unit();
        return (params.isEmpty() ? "" : Format.params(params) + "; ") + unit;
    }
}
