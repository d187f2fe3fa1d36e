package leakmark.reports.html;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import leakmark.reports.result.Result;
import leakmark.reports.statistics.ScalingFit;

/**
 * Cells as a table of one axis against another.
 *
 * @param rowAxis name
 * @param columnAxis name
 * @param columns their heads
 * @param rows one for each value of the row axis
 */
record HeatMap(String rowAxis, String columnAxis, List<String> columns, List<Row> rows) {
    private static final int SHADES = 6;

    /** A value of the row axis and its cells. */
    record Row(String value, List<Shaded> cells) {}

    /** A cell: what it says, and the class of its background. */
    record Shaded(String text, String style) {}

    /** Times, darker where longer, on a logarithmic scale. */
    static HeatMap times(Sweep sweep) {
        List<Result> timed = Sweep.timed(sweep.cells());
        double low = timed.stream()
                .mapToDouble(cell -> cell.seconds().orElseThrow())
                .min()
                .orElse(1);
        double high = timed.stream()
                .mapToDouble(cell -> cell.seconds().orElseThrow())
                .max()
                .orElse(1);
        return of(timed, cell -> {
            double seconds = cell.seconds().orElseThrow();
            int shade = high > low
                    ? (int) Math.min(SHADES - 1.0, SHADES * Math.log(seconds / low) / Math.log(high / low))
                    : 0;
            return new Shaded(Format.seconds(seconds), "h" + shade);
        });
    }

    /** Measured over fitted time; empty where nothing was fitted. */
    static Optional<HeatMap> residuals(Sweep sweep) {
        if (!(Sweep.fit(sweep.cells()) instanceof ScalingFit.Fitted fitted)) {
            return Optional.empty();
        }
        return Optional.of(of(Sweep.timed(sweep.cells()), cell -> {
            double predicted = fitted.scale();
            for (ScalingFit.Exponent exponent : fitted.exponents()) {
                predicted *= Math.pow(cell.axis(exponent.axis()), exponent.value());
            }
            double ratio = cell.seconds().orElseThrow() / predicted;
            // A shade for each residual standard deviation, at most two.
            double deviations = Math.log(ratio) / Math.max(1e-12, fitted.residualDeviation());
            int shade = (int) Math.min(2, Math.abs(deviations));
            return new Shaded(
                    (ratio >= 1 ? "+" : "−") + Format.percent(Math.abs(ratio - 1)),
                    (deviations > 0 ? "over" : "under") + shade);
        }));
    }

    private static HeatMap of(List<Result> timed, Function<Result, Shaded> shade) {
        return of(timed, Result.BATCH_SIZE, Result.SEQUENCE_LENGTH, shade);
    }

    /** The first cell of each place, as {@code shade} shows it. */
    static HeatMap of(List<Result> cells, String rowAxis, String columnAxis, Function<Result, Shaded> shade) {
        List<Double> columns = Sweep.values(cells, columnAxis);
        Map<List<Double>, Result> byPlace = new HashMap<>();
        cells.forEach(cell -> byPlace.putIfAbsent(List.of(cell.axis(rowAxis), cell.axis(columnAxis)), cell));
        List<Row> rows = new ArrayList<>();
        for (double row : Sweep.values(cells, rowAxis)) {
            List<Shaded> shaded = new ArrayList<>();
            for (double column : columns) {
                Result cell = byPlace.get(List.of(row, column));
                shaded.add(cell == null ? new Shaded(Format.NONE, "") : shade.apply(cell));
            }
            rows.add(new Row(Long.toString(Math.round(row)), shaded));
        }
        return new HeatMap(
                rowAxis,
                columnAxis,
                columns.stream()
                        .map(column -> Long.toString(Math.round(column)))
                        .toList(),
                rows);
    }
}
