package leakmark.reports.html;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import leakmark.reports.result.Result;
import leakmark.reports.statistics.ScalingFit;

/**
 * A sweep as a table of batchSize against sequenceLength.
 *
 * @param lengths column heads
 * @param rows one for each batchSize
 */
record HeatMap(List<String> lengths, List<Row> rows) {
    private static final int SHADES = 6;

    /** A batchSize and its cells. */
    record Row(String batchSize, List<Shaded> cells) {}

    /** A cell: what it says, and the class of its background. */
    record Shaded(String text, String style) {}

    /** Times, darker where longer, on a logarithmic scale. */
    static HeatMap times(Sweep sweep) {
        List<Result> timed = Sweep.timed(sweep.cells());
        double low = timed.stream()
                .mapToDouble(cell -> Cells.seconds(cell).orElseThrow())
                .min()
                .orElse(1);
        double high = timed.stream()
                .mapToDouble(cell -> Cells.seconds(cell).orElseThrow())
                .max()
                .orElse(1);
        return of(timed, cell -> {
            double seconds = Cells.seconds(cell).orElseThrow();
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
                predicted *= Math.pow(Cells.axis(cell, exponent.axis()), exponent.value());
            }
            double ratio = Cells.seconds(cell).orElseThrow() / predicted;
            // A shade for each residual standard deviation, at most two.
            double deviations = Math.log(ratio) / Math.max(1e-12, fitted.residualDeviation());
            int shade = (int) Math.min(2, Math.abs(deviations));
            return new Shaded(
                    (ratio >= 1 ? "+" : "−") + Format.percent(Math.abs(ratio - 1)),
                    (deviations > 0 ? "over" : "under") + shade);
        }));
    }

    private static HeatMap of(List<Result> timed, java.util.function.Function<Result, Shaded> shade) {
        List<Double> lengths = Sweep.values(timed, Cells.SEQUENCE_LENGTH);
        Map<List<Double>, Result> byPlace = new HashMap<>();
        timed.forEach(cell -> byPlace.putIfAbsent(
                List.of(Cells.axis(cell, Cells.BATCH_SIZE), Cells.axis(cell, Cells.SEQUENCE_LENGTH)), cell));
        List<Row> rows = new ArrayList<>();
        for (double batchSize : Sweep.values(timed, Cells.BATCH_SIZE)) {
            List<Shaded> cells = new ArrayList<>();
            for (double length : lengths) {
                Result cell = byPlace.get(List.of(batchSize, length));
                cells.add(cell == null ? new Shaded(Format.NONE, "") : shade.apply(cell));
            }
            rows.add(new Row(Long.toString(Math.round(batchSize)), cells));
        }
        return new HeatMap(
                lengths.stream()
                        .map(length -> Long.toString(Math.round(length)))
                        .toList(),
                rows);
    }
}
