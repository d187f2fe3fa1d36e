package leakmark.reports.html;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import leakmark.reports.html.Protections.Row;
import leakmark.reports.result.Result;
import org.jspecify.annotations.Nullable;

/**
 * Leakage against a defence's strength, for both attackers, and accuracy of what is trained with it. Shares from 0 to 1 over a
 * logarithmic axis; positions are pixels.
 *
 * @param id unique within the page
 * @param title attack and defence
 * @param measure what the lines of the attackers show
 * @param description for readers who cannot see it
 * @param across horizontal ticks
 * @param up vertical ticks
 * @param lines unaware, aware, accuracy where it is known, with the defence and without
 */
record StrengthChart(
        String id,
        String title,
        String measure,
        String description,
        List<Chart.Tick> across,
        List<Chart.Tick> up,
        List<Line> lines) {
    private static final double TICK_ROOM = 44;
    private static final String ACCURACY = "accuracy";
    /** The row of a client without a defence. */
    private static final String UNDEFENDED = "none";

    /** A line and its points. */
    record Line(String style, String name, String path, List<Chart.Mark> marks) {}

    private record Strength(double value, Row row) {}

    /** One for each attack and defence that was measured at two strengths or more. */
    static List<StrengthChart> of(List<Row> rows) {
        Map<List<String>, List<Strength>> groups = new LinkedHashMap<>();
        for (Row row : rows) {
            int at = row.name().lastIndexOf(':');
            double value =
                    at < 0 || row.name().contains("+") ? 0 : number(row.name().substring(at + 1));
            if (value > 0) {
                groups.computeIfAbsent(List.of(row.attack(), row.name().substring(0, at)), key -> new ArrayList<>())
                        .add(new Strength(value, row));
            }
        }
        List<StrengthChart> charts = new ArrayList<>();
        groups.forEach((key, strengths) -> {
            if (strengths.stream().map(Strength::value).distinct().count() > 1) {
                strengths.sort(Comparator.comparingDouble(Strength::value));
                charts.add(of(
                        "strength-" + charts.size(),
                        key.get(0) + ": " + key.get(1),
                        strengths,
                        undefended(rows, key.get(0))));
            }
        });
        return charts;
    }

    /** Accuracy of what is trained without a defence; null if that was not measured. */
    private static @Nullable Double undefended(List<Row> rows, String attack) {
        return rows.stream()
                .filter(row -> row.attack().equals(attack) && row.name().equals(UNDEFENDED))
                .findFirst()
                .map(row -> row.any().quality().get(ACCURACY))
                .orElse(null);
    }

    /** 0 for what is none, such as eps=8: it has no place on the axis, and the table has its row. */
    private static double number(String text) {
        return text.matches("[0-9.]+([eE][-+]?[0-9]+)?") ? Double.parseDouble(text) : 0;
    }

    private static StrengthChart of(String id, String title, List<Strength> strengths, @Nullable Double undefended) {
        LogScale across =
                LogScale.over(strengths.stream().mapToDouble(Strength::value).toArray(), Chart.LEFT, Chart.RIGHT);
        String measure = strengths.get(0).row().measure();
        List<Line> lines = new ArrayList<>();
        add(
                lines,
                "published s3",
                "unaware",
                strengths,
                across,
                s -> value(s.row().unaware(), measure));
        add(lines, "ours s3", "aware", strengths, across, s -> value(s.row().aware(), measure));
        add(lines, "t2", "accuracy", strengths, across, s -> value(s.row().any(), ACCURACY));
        if (undefended != null) {
            String y = Format.pixel(height(undefended));
            lines.add(new Line(
                    "published t2",
                    "accuracy without a defence",
                    Chart.LEFT + "," + y + " " + Chart.RIGHT + "," + y,
                    List.of()));
        }
        List<Chart.Tick> up = new ArrayList<>();
        for (int percent = 0; percent <= 100; percent += 25) {
            up.add(new Chart.Tick(Format.pixel(height(percent / 100.0)), percent + " %"));
        }
        StringBuilder description = new StringBuilder(title + ": " + measure + " against strength; ");
        for (Strength s : strengths) {
            description
                    .append(s.row().name())
                    .append(" unaware ")
                    .append(s.row().leaked(s.row().unaware(), measure))
                    .append(", aware ")
                    .append(s.row().leaked(s.row().aware(), measure))
                    .append("; ");
        }
        return new StrengthChart(
                id,
                title,
                measure.equals(Result.SUCCESS_RATE) ? "images recovered" : "ROUGE-1",
                description.toString().strip(),
                across.thinned(strengths.stream().map(Strength::value).toList(), TICK_ROOM).stream()
                        .map(value -> new Chart.Tick(Format.pixel(across.pixel(value)), label(value)))
                        .toList(),
                up,
                lines);
    }

    private static String label(double value) {
        return value < 0.01 ? String.format(java.util.Locale.ROOT, "%.0e", value) : Format.digits(value);
    }

    private static double height(double share) {
        return Chart.BOTTOM - share * (Chart.BOTTOM - Chart.TOP);
    }

    private interface Value {
        @Nullable
        Double of(Strength strength);
    }

    private static @Nullable Double value(@Nullable Result result, String measure) {
        return result == null ? null : result.quality().get(measure);
    }

    private static void add(
            List<Line> lines, String style, String name, List<Strength> strengths, LogScale across, Value value) {
        StringBuilder path = new StringBuilder();
        List<Chart.Mark> marks = new ArrayList<>();
        for (Strength strength : strengths) {
            Double share = value.of(strength);
            if (share != null) {
                String x = Format.pixel(across.pixel(strength.value()));
                String y = Format.pixel(height(Math.max(0, Math.min(1, share))));
                path.append(path.isEmpty() ? "" : " ").append(x).append(',').append(y);
                marks.add(new Chart.Mark(
                        true, x, y, y, y, strength.row().name() + ", " + name + ": " + Format.percent(share)));
            }
        }
        if (!marks.isEmpty()) {
            lines.add(new Line(style, name, path.toString(), marks));
        }
    }
}
