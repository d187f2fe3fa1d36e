package leakmark.reports.html;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import leakmark.reports.result.Result;
import leakmark.reports.result.Result.Status;

/**
 * Shares of time by stage, one bar for each cell.
 *
 * @param stages in order of execution
 * @param bars largest batches first
 * @param left out cells beyond {@link #MOST}
 */
record StageBars(List<String> stages, List<Bar> bars, int left) {
    /** More bars than this say no more than the largest ones. */
    static final int MOST = 24;

    /**
     * A bar.
     *
     * @param label the cell
     * @param total time of all stages
     * @param parts stages above zero
     */
    record Bar(String label, String total, List<Part> parts) {}

    /**
     * A stage's part.
     *
     * @param stage index of its colour
     * @param x start in percent
     * @param width in percent
     * @param label share, empty where there is no room
     * @param title stage, time and share
     */
    record Part(int stage, String x, String width, String label, String title) {}

    static StageBars of(List<Result> results) {
        List<Result> split = results.stream()
                .filter(result -> result.status() == Status.OK && total(result) > 0)
                .sorted(Comparator.comparingDouble(Cells::size).reversed())
                .toList();
        Set<String> stages = new LinkedHashSet<>();
        split.forEach(result -> stages.addAll(result.split().keySet()));
        List<String> order = List.copyOf(stages);
        Map<String, String> shared = new TreeMap<>(Cells.constant(split));
        List<Bar> bars = split.stream()
                .limit(MOST)
                .map(result -> bar(result, order, shared))
                .toList();
        return new StageBars(order, bars, split.size() - bars.size());
    }

    private static Bar bar(Result result, List<String> order, Map<String, String> shared) {
        double total = total(result);
        double start = 0;
        List<Part> parts = new ArrayList<>();
        for (Map.Entry<String, Double> stage : result.split().entrySet()) {
            double share = stage.getValue() / total;
            if (share > 0) {
                parts.add(new Part(
                        order.indexOf(stage.getKey()),
                        Format.fixed(100 * start, 2),
                        Format.fixed(100 * share, 2),
                        share >= 0.07 ? Format.percent(share) : "",
                        stage.getKey() + ": " + Format.seconds(stage.getValue()) + ", " + Format.percent(share)));
            }
            start += share;
        }
        Map<String, String> own = new TreeMap<>(result.key().params());
        own.keySet().removeAll(shared.keySet());
        own.keySet().removeIf(Cells::isAxis);
        String batch = Cells.size(result) > 0
                ? Math.round(result.axis(Result.BATCH_SIZE)) + " × " + Math.round(result.axis(Result.SEQUENCE_LENGTH))
                : result.key().benchmark();
        return new Bar(
                batch + " " + result.key().variant() + (own.isEmpty() ? "" : ", " + Format.params(own)),
                Format.seconds(total),
                parts);
    }

    private static double total(Result result) {
        return result.split().values().stream().mapToDouble(Double::doubleValue).sum();
    }
}
