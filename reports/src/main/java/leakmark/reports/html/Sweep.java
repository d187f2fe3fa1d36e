package leakmark.reports.html;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import leakmark.reports.result.Fit;
import leakmark.reports.result.Result;
import leakmark.reports.result.Result.Status;
import leakmark.reports.statistics.ScalingFit;

/**
 * Cells that differ only in batchSize and sequenceLength.
 *
 * @param benchmark name
 * @param variant of {@code cells}
 * @param fixed all other parameters
 * @param cells every status
 * @param published cells of the published algorithm with the same fixed parameters
 */
record Sweep(String benchmark, String variant, Map<String, String> fixed, List<Result> cells, List<Result> published) {
    private record Id(String benchmark, String variant, Map<String, String> fixed) {}

    /** All sweeps. The published algorithm is a sweep of its own only where there is no other variant. */
    static List<Sweep> of(List<Result> reconstructions) {
        Map<Id, List<Result>> groups = new LinkedHashMap<>();
        for (Result result : reconstructions) {
            if (Cells.size(result) > 0) {
                Map<String, String> fixed = new TreeMap<>(result.key().params());
                fixed.keySet().removeIf(Cells::isAxis);
                groups.computeIfAbsent(
                                new Id(result.key().benchmark(), result.key().variant(), fixed),
                                id -> new ArrayList<>())
                        .add(result);
            }
        }
        List<Sweep> sweeps = new ArrayList<>();
        groups.forEach((id, cells) -> {
            boolean published = Cells.isPublished(cells.get(0));
            boolean alone = groups.keySet().stream()
                    .noneMatch(other -> other.benchmark.equals(id.benchmark)
                            && other.fixed.equals(id.fixed)
                            && !other.variant.equals(id.variant));
            if (!published || alone) {
                List<Result> others = published
                        ? List.of()
                        : groups.getOrDefault(new Id(id.benchmark, Result.Key.PUBLISHED, id.fixed), List.of());
                sweeps.add(new Sweep(id.benchmark, id.variant, id.fixed, cells, others));
            }
        });
        return sweeps;
    }

    String title() {
        return benchmark
                + (variant.isEmpty() ? "" : ", " + variant)
                + (fixed.isEmpty() ? "" : " (" + Format.params(fixed) + ")");
    }

    /** Cells that can be drawn. */
    static List<Result> timed(List<Result> cells) {
        return cells.stream()
                .filter(cell -> cell.status() == Status.OK && cell.seconds().isPresent())
                .toList();
    }

    /** Distinct values of an axis over the timed cells, ascending. */
    static List<Double> values(List<Result> cells, String axis) {
        return cells.stream().map(cell -> cell.axis(axis)).distinct().sorted().toList();
    }

    /** Exponents over the axes that vary. */
    static ScalingFit fit(List<Result> cells) {
        List<Result> timed = timed(cells);
        List<String> axes = List.of(Result.BATCH_SIZE, Result.SEQUENCE_LENGTH).stream()
                .filter(axis -> values(timed, axis).size() > 1)
                .toList();
        if (axes.isEmpty()) {
            return new ScalingFit.NotFitted("not enough cells: " + timed.size());
        }
        return Fit.law(axes, timed);
    }
}
