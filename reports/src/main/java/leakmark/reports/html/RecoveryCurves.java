package leakmark.reports.html;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.stream.Collectors;
import leakmark.reports.result.Result;
import org.jspecify.annotations.Nullable;

/**
 * Recovery against batchSize, sequenceLength and weightStd (the strength of a model's attention), and time against
 * weightStd: drawn where a study varies it. Cells without a score have their recovery drawn too.
 */
final class RecoveryCurves {
    static final String STRENGTH = "weightStd";

    private static final List<String> AXES = List.of(Result.BATCH_SIZE, Result.SEQUENCE_LENGTH, STRENGTH);
    private static final int SHADES = 6;
    private static final double RADIUS = 4.5;
    private static final double TICK_ROOM = 24;

    /** What stands up: recovery on a linear scale, or time on a logarithmic one. */
    private enum Quantity {
        RECOVERY,
        TIME
    }

    private RecoveryCurves() {}

    /** All charts; none where no benchmark varies the strength. */
    static List<Chart> of(List<Result> reconstructions) {
        Map<String, List<Result>> byBenchmark = reconstructions.stream()
                .filter(cell -> AXES.stream().allMatch(axis -> value(cell, axis) > 0))
                .filter(cell -> cell.quality().containsKey(Result.EXACT_RATE))
                .collect(
                        Collectors.groupingBy(cell -> cell.key().benchmark(), LinkedHashMap::new, Collectors.toList()));
        List<Chart> charts = new ArrayList<>();
        byBenchmark.values().stream()
                .filter(cells -> distinct(cells, STRENGTH).size() > 1)
                .forEach(cells -> {
                    for (String axis : AXES) {
                        add(charts, chart(cells, axis, Quantity.RECOVERY, "recovery-" + charts.size()));
                    }
                    add(charts, chart(Sweep.timed(cells), STRENGTH, Quantity.TIME, "recovery-" + charts.size()));
                });
        return charts;
    }

    private static void add(List<Chart> charts, @Nullable Chart chart) {
        if (chart != null) {
            charts.add(chart);
        }
    }

    /** Value of an axis; 0 if the cell has none or it is no number. */
    private static double value(Result cell, String axis) {
        String text = cell.key().params().getOrDefault(axis, "");
        return text.matches("\\d{1,9}(\\.\\d{1,9})?") ? Double.parseDouble(text) : 0;
    }

    private static List<Double> distinct(List<Result> cells, String axis) {
        return cells.stream().map(cell -> value(cell, axis)).distinct().sorted().toList();
    }

    /** One line for each variant and setting of all else that has two values of the axis; null if there is none. */
    private static @Nullable Chart chart(List<Result> all, String axis, Quantity quantity, String id) {
        Map<String, List<Result>> groups = new TreeMap<>();
        for (Result cell : all) {
            Map<String, String> rest = new TreeMap<>(cell.key().params());
            rest.remove(axis);
            // Published first, so that ours are drawn above.
            String key = (Cells.isPublished(cell) ? "0 " : "1 ") + cell.key().variant() + " " + rest;
            groups.computeIfAbsent(key, k -> new ArrayList<>()).add(cell);
        }
        groups.values().removeIf(cells -> distinct(cells, axis).size() < 2);
        List<Result> drawn = groups.values().stream().flatMap(List::stream).toList();
        if (drawn.isEmpty()) {
            return null;
        }
        LogScale across = LogScale.over(
                drawn.stream().mapToDouble(cell -> value(cell, axis)).toArray(), Chart.LEFT, Chart.RIGHT);
        LogScale times = LogScale.over(
                drawn.stream().mapToDouble(cell -> cell.seconds().orElse(1)).toArray(), Chart.BOTTOM, Chart.TOP);
        List<String> others = AXES.stream().filter(other -> !other.equals(axis)).toList();
        List<Chart.Line> lines = new ArrayList<>();
        Chart.LabelRoom room = new Chart.LabelRoom();
        for (List<Result> cells : groups.values()) {
            int shade = groups.size() == 1 ? SHADES - 1 : (SHADES - 1) * lines.size() / (groups.size() - 1);
            lines.add(line(cells, axis, others, quantity, across, times, shade, room));
        }
        String what = quantity == Quantity.RECOVERY ? "Exact sequences" : "Time";
        return new Chart(
                id,
                what + " against " + axis,
                what + " against " + axis + ", one line for each " + String.join(" and ", others) + "; " + drawn.size()
                        + " cells. The table of all results has every value.",
                axis,
                String.join(", ", others),
                across.thinned(distinct(drawn, axis), TICK_ROOM).stream()
                        .map(x -> new Chart.Tick(Format.pixel(across.pixel(x)), number(x)))
                        .toList(),
                up(quantity, times),
                RADIUS,
                lines);
    }

    private static List<Chart.Tick> up(Quantity quantity, LogScale times) {
        if (quantity == Quantity.RECOVERY) {
            return List.of(0.0, 0.25, 0.5, 0.75, 1.0).stream()
                    .map(rate -> new Chart.Tick(Format.pixel(recoveryPixel(rate)), Math.round(100 * rate) + " %"))
                    .toList();
        }
        return times.ticks().stream()
                .map(t -> new Chart.Tick(
                        Format.pixel(times.pixel(t)), Format.seconds(t).replaceFirst("\\.0+ ", " ")))
                .toList();
    }

    private static double recoveryPixel(double rate) {
        return Chart.BOTTOM - rate * (Chart.BOTTOM - Chart.TOP);
    }

    private static Chart.Line line(
            List<Result> cells,
            String axis,
            List<String> others,
            Quantity quantity,
            LogScale across,
            LogScale times,
            int shade,
            Chart.LabelRoom room) {
        List<Chart.Mark> marks = new ArrayList<>();
        List<String> path = new ArrayList<>();
        double x = 0;
        double y = 0;
        for (Result cell : cells.stream()
                .sorted(Comparator.comparingDouble(cell -> value(cell, axis)))
                .toList()) {
            x = across.pixel(value(cell, axis));
            y = quantity == Quantity.TIME
                    ? times.pixel(cell.seconds().orElseThrow())
                    : recoveryPixel(cell.quality().getOrDefault(Result.EXACT_RATE, 0.0));
            path.add(Format.pixel(x) + "," + Format.pixel(y));
            marks.add(new Chart.Mark(
                    Cells.isExact(cell),
                    Format.pixel(x),
                    Format.pixel(y),
                    Format.pixel(y),
                    Format.pixel(y),
                    Format.params(cell.key().params()) + ", " + cell.key().variant() + ": exact "
                            + Format.recovery(cell)
                            + (quantity == Quantity.TIME ? ", " + Format.score(cell) : "")));
        }
        boolean published = Cells.isPublished(cells.get(0));
        OptionalDouble labelY = room.take(x, y);
        return new Chart.Line(
                (published ? "published" : "ours") + " s" + shade,
                published,
                String.join(" ", path),
                marks,
                labelY.isPresent()
                        ? others.stream()
                                .map(other -> number(value(cells.get(0), other)))
                                .collect(Collectors.joining(", "))
                        : "",
                Format.pixel(x + 9),
                Format.pixel(labelY.orElse(y) + 4));
    }

    /** Whole numbers without a point. */
    private static String number(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }
}
