package leakmark.reports.result;

import java.util.List;
import java.util.Map;

/**
 * What a study measured under one setting, value by value: entry i of each list belongs to replication i, such as a seed.
 *
 * @param study what was done, such as {@code images}
 * @param variant which attack, provider or algorithm
 * @param params the setting
 * @param values one list for each measure, such as {@code recovered} with 0 or 1; all of one length
 */
public record Observation(String study, String variant, Map<String, String> params, Map<String, List<Double>> values) {
    public Observation {
        Values.required(study, "observation.study");
        Values.required(variant, "observation.variant");
        params = Values.map(params, "observation.params");
        Map<String, List<Double>> copy = new java.util.LinkedHashMap<>(Values.map(values, "observation.values"));
        copy.replaceAll((name, list) -> Values.list(list, "observation.values." + name));
        copy.forEach((name, list) -> list.forEach(value -> Values.finite(value, "a value of " + name)));
        if (copy.values().stream().map(List::size).distinct().count() > 1) {
            throw new IllegalArgumentException("observation '" + study + " " + variant + "' has lists of many lengths");
        }
        values = java.util.Collections.unmodifiableMap(copy);
    }

    /** Study, variant and setting in one line. */
    public String title() {
        return study + (variant.isEmpty() ? "" : " " + variant) + (params.isEmpty() ? "" : " " + params);
    }
}
