package leakmark.reports.html;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import leakmark.reports.result.Result;

/**
 * Log-log lines of time against one axis, one line for each value of the other. All positions are pixels.
 *
 * @param id unique within the page
 * @param title short
 * @param description for readers who cannot see it
 * @param axis name of the horizontal axis
 * @param lineAxis name of the axis that has one line each
 * @param across horizontal ticks
 * @param up vertical ticks
 * @param radius of the marks: small where there are many
 * @param lines lines, published ones first so that ours are drawn above
 */
record Chart(
        String id,
        String title,
        String description,
        String axis,
        String lineAxis,
        List<Tick> across,
        List<Tick> up,
        double radius,
        List<Line> lines) {
    static final int WIDTH = 520;
    static final int HEIGHT = 350;
    static final int LEFT = 62;
    static final int RIGHT = 462;
    static final int TOP = 26;
    static final int BOTTOM = 304;
    private static final double TICK_ROOM = 24;
    private static final int MANY = 150;
    private static final int SHADES = 6;

    record Tick(String position, String label) {}

    /**
     * A line.
     *
     * @param style CSS classes: whose it is and its shade
     * @param published drawn as dashes and squares
     * @param path points of a polyline
     * @param label value of the line's axis; empty where there is no room
     */
    record Line(
            String style,
            boolean published,
            String path,
            List<Mark> marks,
            String label,
            String labelX,
            String labelY) {}

    /** A measured cell: filled if recovered exactly. */
    record Mark(boolean exact, String x, String y, String low, String high, String title) {}

    /** Draws a sweep; needs at least one timed cell. */
    static Chart of(Sweep sweep, String axis, String lineAxis, String id) {
        List<Result> ours = Sweep.timed(sweep.cells());
        List<Result> published = Sweep.timed(sweep.published());
        List<Result> all = Stream.concat(ours.stream(), published.stream()).toList();
        LogScale across =
                LogScale.over(all.stream().mapToDouble(cell -> cell.axis(axis)).toArray(), LEFT, RIGHT);
        LogScale up = LogScale.over(
                all.stream()
                        .flatMapToDouble(cell -> Arrays.stream(Cells.rangeSeconds(cell)))
                        .toArray(),
                BOTTOM,
                TOP);
        List<Double> lineValues = Sweep.values(all, lineAxis);
        List<Line> lines = new ArrayList<>();
        LabelRoom room = new LabelRoom();
        for (List<Result> cells : List.of(published, ours)) {
            for (int i = lineValues.size() - 1; i >= 0; i--) {
                double value = lineValues.get(i);
                List<Result> line = cells.stream()
                        .filter(cell -> cell.axis(lineAxis) == value)
                        .sorted(Comparator.comparingDouble(cell -> cell.axis(axis)))
                        .toList();
                if (!line.isEmpty()) {
                    lines.add(line(line, axis, value, shade(i, lineValues.size()), across, up, room));
                }
            }
        }
        return new Chart(
                id,
                "Time against " + axis,
                "Log-log chart of " + sweep.title() + ": time against " + axis + ", one line for each " + lineAxis
                        + "; "
                        + ours.size() + " cells of " + sweep.variant() + " from "
                        + range(ours)
                        + (published.isEmpty()
                                ? ""
                                : ", " + published.size() + " of the published algorithm from " + range(published))
                        + ". The table of all results has every value.",
                axis,
                lineAxis,
                across.thinned(Sweep.values(all, axis), TICK_ROOM).stream()
                        .map(value -> new Tick(Format.pixel(across.pixel(value)), Long.toString(Math.round(value))))
                        .toList(),
                up.ticks().stream()
                        .map(value -> new Tick(
                                Format.pixel(up.pixel(value)),
                                Format.seconds(value).replaceFirst("\\.0+ ", " ")))
                        .toList(),
                all.size() > MANY ? 2 : 4.5,
                lines);
    }

    private static Line line(
            List<Result> cells, String axis, double value, int shade, LogScale across, LogScale up, LabelRoom room) {
        List<Mark> marks = new ArrayList<>();
        StringBuilder path = new StringBuilder();
        double x = 0;
        double y = 0;
        for (Result cell : cells) {
            double seconds = cell.seconds().orElseThrow();
            double[] range = Cells.rangeSeconds(cell);
            x = across.pixel(cell.axis(axis));
            y = up.pixel(seconds);
            path.append(path.isEmpty() ? "" : " ")
                    .append(Format.pixel(x))
                    .append(',')
                    .append(Format.pixel(y));
            marks.add(new Mark(
                    Cells.isExact(cell),
                    Format.pixel(x),
                    Format.pixel(y),
                    Format.pixel(up.pixel(range[0])),
                    Format.pixel(up.pixel(range[1])),
                    Format.params(cell.key().params()) + ", " + cell.key().variant() + ": " + Format.score(cell) + " "
                            + Format.error(cell) + ", exact " + Format.recovery(cell)));
        }
        boolean published = Cells.isPublished(cells.get(0));
        OptionalDouble labelY = room.take(x, y);
        return new Line(
                (published ? "published" : "ours") + " s" + shade,
                published,
                path.toString(),
                marks,
                labelY.isPresent() ? Long.toString(Math.round(value)) : "",
                Format.pixel(x + 9),
                Format.pixel(labelY.orElse(y) + 4));
    }

    private static int shade(int index, int count) {
        return count == 1 ? SHADES - 1 : Math.round((SHADES - 1f) * index / (count - 1));
    }

    private static String range(List<Result> cells) {
        return cells.stream()
                        .min(Comparator.comparingDouble(cell -> cell.seconds().orElseThrow()))
                        .map(Format::score)
                        .orElse(Format.NONE)
                + " to "
                + cells.stream()
                        .max(Comparator.comparingDouble(cell -> cell.seconds().orElseThrow()))
                        .map(Format::score)
                        .orElse(Format.NONE);
    }

    /** Keeps labels from lying upon each other: a label moves up or down by less than its height, or is left out. */
    static final class LabelRoom {
        private static final double HEIGHT = 12;
        private static final double WIDTH = 26;
        private static final double[] SHIFTS = {0, 4, -4, 8, -8, 11, -11};
        private final List<double[]> taken = new ArrayList<>();

        /** Where the label may stand; empty if nowhere near {@code y}. */
        OptionalDouble take(double x, double y) {
            for (double shift : SHIFTS) {
                if (taken.stream()
                        .noneMatch(
                                other -> Math.abs(other[0] - x) < WIDTH && Math.abs(other[1] - (y + shift)) < HEIGHT)) {
                    taken.add(new double[] {x, y + shift});
                    return OptionalDouble.of(y + shift);
                }
            }
            return OptionalDouble.empty();
        }
    }
}
