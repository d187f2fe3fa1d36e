package leakmark.reports.html;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import leakmark.reports.result.Result;

/**
 * How much a cell's values differ.
 *
 * @param result the cell
 * @param forks processes
 * @param values iterations of all forks
 * @param within coefficient of variation inside a fork, pooled
 * @param between coefficient of variation of the forks' means; none for one fork
 * @param spread largest over smallest value
 */
record NoiseRow(Result result, int forks, int values, double within, Optional<Double> between, double spread) {
    /** Rows shown; the noisiest first. */
    static final int MOST = 30;

    static List<NoiseRow> of(List<Result> results) {
        return results.stream()
                .filter(result -> result.rounds().stream().mapToInt(List::size).sum() > 1)
                .map(NoiseRow::row)
                .sorted(Comparator.comparingDouble(NoiseRow::worst).reversed())
                .toList();
    }

    private double worst() {
        return Math.max(within, between.orElse(0.0));
    }

    private static NoiseRow row(Result result) {
        List<List<Double>> forks =
                result.rounds().stream().filter(round -> !round.isEmpty()).toList();
        double[] means = forks.stream().mapToDouble(NoiseRow::mean).toArray();
        double squares = 0;
        int degrees = 0;
        double low = Double.POSITIVE_INFINITY;
        double high = 0;
        for (int f = 0; f < means.length; f++) {
            for (double value : forks.get(f)) {
                squares += (value / means[f] - 1) * (value / means[f] - 1);
                low = Math.min(low, value);
                high = Math.max(high, value);
            }
            degrees += forks.get(f).size() - 1;
        }
        double mean = java.util.Arrays.stream(means).average().orElse(1);
        double between = 0;
        for (double value : means) {
            between += (value / mean - 1) * (value / mean - 1);
        }
        return new NoiseRow(
                result,
                means.length,
                forks.stream().mapToInt(List::size).sum(),
                degrees > 0 ? Math.sqrt(squares / degrees) : 0,
                means.length > 1 ? Optional.of(Math.sqrt(between / (means.length - 1))) : Optional.empty(),
                high / low);
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).average().orElse(1);
    }
}
