package leakmark.reports.html;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import leakmark.reports.result.Result;
import leakmark.reports.result.Result.Cost;
import leakmark.reports.result.Roof;

/**
 * What the cost model leaves unexplained: measured time over the least that declared work and the measured roofs allow,
 * {@code max(FLOPs/rate, bytes/bandwidth)}, over the two axes on which a benchmark's cells differ.
 *
 * @param title benchmark, variant and what all its cells share
 * @param map one ratio a cell
 */
record CostMap(String title, HeatMap map) {
    /** In order of preference. */
    private static final List<String> AXES = List.of(
            Result.BATCH_SIZE, Result.SEQUENCE_LENGTH, Result.HIDDEN_SIZE, Result.VOCABULARY_SIZE, "rank", "attacks");

    /** Ratios from which on a cell is shaded. */
    private static final double FAR = 3;

    private static final double VERY_FAR = 10;

    private record Id(String benchmark, String variant) {}

    static List<CostMap> of(List<Result> results, List<Roof> roofs) {
        Map<Id, List<Result>> groups = new LinkedHashMap<>();
        for (Result result : Sweep.timed(results)) {
            Cost cost = result.cost();
            if (cost != null && KernelRow.bound(result, cost, roofs).seconds() > 0) {
                groups.computeIfAbsent(
                                new Id(result.key().benchmark(), result.key().variant()), id -> new ArrayList<>())
                        .add(result);
            }
        }
        List<CostMap> maps = new ArrayList<>();
        groups.forEach((id, cells) -> maps.addAll(of(id, cells, roofs)));
        return maps;
    }

    private static List<CostMap> of(Id id, List<Result> cells, List<Roof> roofs) {
        List<String> axes = new ArrayList<>(AXES);
        axes.removeIf(axis -> cells.stream().anyMatch(cell -> cell.axis(axis) == 0));
        // Those that vary come first; the order among equals stays.
        axes.sort((a, b) -> Boolean.compare(varies(cells, b), varies(cells, a)));
        if (axes.size() < 2) {
            return List.of();
        }
        List<String> shown = axes.subList(0, 2).stream()
                .sorted((a, b) -> Integer.compare(AXES.indexOf(a), AXES.indexOf(b)))
                .toList();
        Map<Map<String, String>, List<Result>> alike = new LinkedHashMap<>();
        for (Result cell : cells) {
            Map<String, String> rest = new TreeMap<>(cell.key().params());
            shown.forEach(rest::remove);
            alike.computeIfAbsent(rest, any -> new ArrayList<>()).add(cell);
        }
        List<CostMap> maps = new ArrayList<>();
        alike.forEach((rest, same) -> maps.add(new CostMap(
                id.benchmark()
                        + (id.variant().isEmpty() ? "" : ", " + id.variant())
                        + (rest.isEmpty() ? "" : " (" + Format.params(rest) + ")"),
                HeatMap.of(same, shown.get(0), shown.get(1), cell -> shaded(ratio(cell, roofs))))));
        return maps;
    }

    private static boolean varies(List<Result> cells, String axis) {
        return Sweep.values(cells, axis).size() > 1;
    }

    private static double ratio(Result cell, List<Roof> roofs) {
        Cost cost = cell.cost();
        return cost == null
                ? Double.NaN
                : cell.seconds().orElseThrow()
                        / KernelRow.bound(cell, cost, roofs).seconds();
    }

    private static HeatMap.Shaded shaded(double ratio) {
        return new HeatMap.Shaded(
                Format.digits(ratio) + " ×",
                ratio >= VERY_FAR ? "over2" : ratio >= FAR ? "over1" : ratio < 1 ? "under1" : "");
    }
}
