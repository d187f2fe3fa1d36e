package leakmark.reports.html;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import leakmark.reports.result.Result;
import leakmark.reports.statistics.ScalingFit;

/** Exponents of a benchmark's time where its cells differ in hiddenSize or vocabularySize too. */
final class Exponents {
    private static final List<String> WIDTHS = List.of("hiddenSize", "vocabularySize");
    private static final List<String> AXES =
            List.of(Cells.BATCH_SIZE, Cells.SEQUENCE_LENGTH, "hiddenSize", "vocabularySize");

    private Exponents() {}

    static List<Page.FitRow> of(List<Result> results) {
        Map<List<String>, List<Result>> groups = new LinkedHashMap<>();
        for (Result result : Sweep.timed(results)) {
            groups.computeIfAbsent(
                            List.of(result.key().benchmark(), result.key().variant()), key -> new ArrayList<>())
                    .add(result);
        }
        List<Page.FitRow> rows = new ArrayList<>();
        groups.forEach((key, cells) -> {
            List<String> axes =
                    AXES.stream().filter(axis -> varies(cells, axis)).toList();
            if (axes.stream().anyMatch(WIDTHS::contains)) {
                rows.add(row(key, cells, axes));
            }
        });
        return rows;
    }

    private static Page.FitRow row(List<String> key, List<Result> cells, List<String> axes) {
        List<ScalingFit.Cell> points = cells.stream()
                .map(cell -> new ScalingFit.Cell(
                        axes.stream().map(axis -> size(cell, axis)).toList(),
                        Cells.seconds(cell).orElseThrow()))
                .toList();
        return ScalingFit.of(axes, points) instanceof ScalingFit.Fitted fitted
                ? new Page.FitRow(
                        key.get(0),
                        key.get(1),
                        cells.size(),
                        fitted.exponents(),
                        fitted.degreesOfFreedom() + " degrees of freedom, residual "
                                + Format.percent(fitted.residualDeviation()))
                : new Page.FitRow(
                        key.get(0),
                        key.get(1),
                        cells.size(),
                        List.of(),
                        ((ScalingFit.NotFitted) ScalingFit.of(axes, points)).reason());
    }

    private static boolean varies(List<Result> cells, String axis) {
        return cells.stream().allMatch(cell -> size(cell, axis) > 0)
                && cells.stream()
                                .mapToDouble(cell -> size(cell, axis))
                                .distinct()
                                .count()
                        > 1;
    }

    /** A parameter, or where a model stands for it, a counter. */
    private static double size(Result cell, String axis) {
        double size = Cells.axis(cell, axis);
        return size > 0 ? size : cell.counters().getOrDefault(axis, 0.0);
    }
}
