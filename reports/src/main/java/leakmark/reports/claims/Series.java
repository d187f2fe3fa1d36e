package leakmark.reports.claims;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import leakmark.reports.result.Observation;
import leakmark.reports.result.Result;
import leakmark.reports.result.ResultFile;

/**
 * A measured setting as a check sees it, from a study or from a benchmark.
 *
 * @param study study, or a benchmark's name
 * @param variant attack or provider
 * @param params the setting
 * @param values replications by measure
 */
record Series(String study, String variant, Map<String, String> params, Map<String, List<Double>> values) {
    /** Time of one operation, in the unit the benchmark reports; forks are the replications where there are two. */
    static final String TIME = "time";

    static List<Series> of(ResultFile file) {
        List<Series> all = new ArrayList<>();
        for (Observation observation : file.evidence().observations()) {
            all.add(new Series(observation.study(), observation.variant(), observation.params(), observation.values()));
        }
        for (Result result : file.results()) {
            Map<String, List<Double>> values = new LinkedHashMap<>();
            result.quality().forEach((name, value) -> values.put(name, List.of(value)));
            result.counters().forEach((name, value) -> values.put(name, List.of(value)));
            List<Double> times = times(result);
            if (!times.isEmpty()) {
                values.put(TIME, times);
            }
            all.add(new Series(
                    result.key().benchmark(),
                    result.key().variant(),
                    result.key().params(),
                    values));
        }
        return all;
    }

    private static List<Double> times(Result result) {
        List<List<Double>> rounds =
                result.rounds().stream().filter(round -> !round.isEmpty()).toList();
        return rounds.size() == 1
                ? rounds.get(0)
                : rounds.stream()
                        .map(round -> round.stream()
                                .mapToDouble(Double::doubleValue)
                                .average()
                                .orElseThrow())
                        .toList();
    }

    /** The replications of a measure; empty if it was not measured. */
    List<Double> measure(String name) {
        return values.getOrDefault(name, List.of());
    }

    double mean(String name) {
        return measure(name).stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
    }

    /** A parameter as a number; NaN if it is none. */
    double axis(String name) {
        String value = params.getOrDefault(name, "");
        return value.matches("\\d+(\\.\\d+)?") ? Double.parseDouble(value) : Double.NaN;
    }

    String title() {
        return study + (variant.isEmpty() ? "" : " " + variant) + (params.isEmpty() ? "" : " " + params);
    }

    /**
     * Whether every condition holds. A condition is a value, several with {@code |} between, or {@code <=} or {@code >=}
     * and a number; {@code study} and {@code variant} stand beside the parameters.
     */
    boolean fits(Map<String, String> conditions) {
        return conditions.entrySet().stream().allMatch(entry -> holds(entry.getKey(), entry.getValue()));
    }

    private boolean holds(String name, String condition) {
        if (condition.startsWith("<=")) {
            return axis(name) <= Double.parseDouble(condition.substring(2));
        }
        if (condition.startsWith(">=")) {
            return axis(name) >= Double.parseDouble(condition.substring(2));
        }
        String value = switch (name) {
            case "study" -> study;
            case "variant" -> variant;
            default -> params.getOrDefault(name, "");
        };
        return List.of(condition.split("\\|", -1)).contains(value);
    }
}
