package leakmark.reports.result;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import leakmark.reports.statistics.ScalingFit;
import leakmark.reports.statistics.ScalingFit.Exponent;
import org.jspecify.annotations.Nullable;

/**
 * How a benchmark's time grows, {@code time = c · Π axis_k^exponent_k}, over the axes on which its cells differ.
 *
 * @param benchmark name
 * @param variant provider, or {@link Result.Key#PUBLISHED}
 * @param params what all its cells share; empty if they are cells of several models
 * @param cells with a time
 * @param exponents with 95 % confidence intervals; empty if there is no fit
 * @param residualDeviation standard deviation of log(time) around the law; null if there is no fit
 * @param degreesOfFreedom cells − axes − 1; null if there is no fit
 * @param reason why there is no fit; null if there is one
 */
public record Fit(
        String benchmark,
        String variant,
        Map<String, String> params,
        int cells,
        List<Exponent> exponents,
        @Nullable Double residualDeviation,
        @Nullable Integer degreesOfFreedom,
        @Nullable String reason) {
    private static final List<String> WIDTHS = List.of(Result.HIDDEN_SIZE, Result.VOCABULARY_SIZE);
    private static final List<String> AXES =
            List.of(Result.BATCH_SIZE, Result.SEQUENCE_LENGTH, Result.HIDDEN_SIZE, Result.VOCABULARY_SIZE);

    private record Group(String benchmark, String variant, Map<String, String> params) {}

    public Fit {
        params = Values.map(params, "fit.params");
        exponents = List.copyOf(exponents);
    }

    /** Of all cells that differ in axes only, and of a benchmark's cells of several models. */
    static List<Fit> of(List<Result> results) {
        Map<Group, List<Result>> alike = new LinkedHashMap<>();
        Map<Group, List<Result>> ofAllModels = new LinkedHashMap<>();
        for (Result result : results) {
            if (result.seconds().isPresent()) {
                Map<String, String> fixed = new TreeMap<>(result.key().params());
                fixed.keySet().removeAll(AXES);
                String benchmark = result.key().benchmark();
                String variant = result.key().variant();
                alike.computeIfAbsent(new Group(benchmark, variant, fixed), group -> new ArrayList<>())
                        .add(result);
                ofAllModels
                        .computeIfAbsent(new Group(benchmark, variant, Map.of()), group -> new ArrayList<>())
                        .add(result);
            }
        }
        List<Fit> fits = new ArrayList<>();
        alike.forEach((group, cells) -> {
            List<String> axes =
                    AXES.stream().filter(axis -> varies(cells, axis)).toList();
            if (!axes.isEmpty()) {
                fits.add(of(group, axes, cells));
            }
        });
        ofAllModels.forEach((group, cells) -> {
            boolean models = WIDTHS.stream()
                    .anyMatch(axis -> varies(cells, axis)
                            && cells.stream()
                                    .noneMatch(cell -> cell.key().params().containsKey(axis)));
            if (models) {
                fits.add(of(
                        group, AXES.stream().filter(axis -> varies(cells, axis)).toList(), cells));
            }
        });
        return fits;
    }

    /** The power law over the given axes. */
    public static ScalingFit law(List<String> axes, List<Result> cells) {
        return ScalingFit.of(
                axes,
                cells.stream()
                        .map(cell -> new ScalingFit.Cell(
                                axes.stream().map(cell::axis).toList(),
                                cell.seconds().orElseThrow()))
                        .toList());
    }

    private static Fit of(Group group, List<String> axes, List<Result> cells) {
        ScalingFit law = law(axes, cells);
        ScalingFit.Fitted fitted = law instanceof ScalingFit.Fitted found ? found : null;
        return new Fit(
                group.benchmark(),
                group.variant(),
                group.params(),
                cells.size(),
                fitted == null ? List.of() : fitted.exponents(),
                fitted == null ? null : fitted.residualDeviation(),
                fitted == null ? null : fitted.degreesOfFreedom(),
                law instanceof ScalingFit.NotFitted none ? none.reason() : null);
    }

    private static boolean varies(List<Result> cells, String axis) {
        return cells.stream().allMatch(cell -> cell.axis(axis) > 0)
                && cells.stream()
                                .mapToDouble(cell -> cell.axis(axis))
                                .distinct()
                                .count()
                        > 1;
    }
}
