package leakmark.reports.html;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import leakmark.reports.result.Result;
import leakmark.reports.result.Result.Status;
import org.jspecify.annotations.Nullable;

/**
 * Cells of attacks on protected gradients, an unaware attacker's and an aware one's side by side.
 *
 * @param defences what clients do to their gradients
 * @param settings who sees what of whom
 * @param curves leakage against strength
 */
record Protections(List<Row> defences, List<Row> settings, List<StrengthChart> curves) {
    /** Benchmarks whose cells these are. */
    private static final String BENCHMARK = "DefenceLeakage.";

    static final String DEFENCE = "defence";
    static final String SETTING = "setting";
    private static final String UNAWARE = "unaware";
    private static final String AWARE = "aware";

    /**
     * One defence or setting against one attack.
     *
     * @param attack such as dager
     * @param name specification
     * @param unaware null if it was not measured
     * @param aware null if it was not measured
     */
    record Row(
            String attack,
            String name,
            @Nullable Result unaware,
            @Nullable Result aware) {
        /** Whichever there is. */
        Result any() {
            Result known = aware == null ? unaware : aware;
            if (known == null) {
                throw new IllegalStateException("a row without a result");
            }
            return known;
        }

        /** What text attacks are measured by, or images. */
        String measure() {
            return any().quality().containsKey(Result.SUCCESS_RATE) ? Result.SUCCESS_RATE : Result.ROUGE_1;
        }

        String leaked(@Nullable Result result, String measure) {
            Double value = result == null ? null : result.quality().get(measure);
            return value == null ? Format.NONE : Format.percent(value);
        }

        String exact(@Nullable Result result) {
            return result == null || result.status() != Status.OK ? Format.NONE : Format.recovery(result);
        }

        String quality(String name) {
            return Format.quality(any(), name);
        }

        String kilobytes() {
            Double bytes = any().counters().get("bytes");
            return bytes == null ? Format.NONE : Format.digits(bytes / 1e3);
        }

        String param(String name) {
            return Format.orNone(any().key().params().get(name));
        }

        String remark() {
            return Format.join(any().reasons());
        }
    }

    static boolean has(Result result) {
        return result.key().benchmark().startsWith(BENCHMARK);
    }

    static Protections of(List<Result> results) {
        List<Row> defences = rows(results, DEFENCE);
        return new Protections(defences, rows(results, SETTING), StrengthChart.of(defences));
    }

    private static List<Row> rows(List<Result> results, String param) {
        Map<List<String>, Row> rows = new LinkedHashMap<>();
        for (Result result : results) {
            String name = result.key().params().get(param);
            if (has(result) && name != null) {
                String attack = result.key().benchmark().substring(BENCHMARK.length());
                Row row = rows.getOrDefault(List.of(attack, name), new Row(attack, name, null, null));
                rows.put(
                        List.of(attack, name),
                        switch (result.key().variant()) {
                            case UNAWARE -> new Row(attack, name, result, row.aware);
                            case AWARE -> new Row(attack, name, row.unaware, result);
                            default -> row;
                        });
            }
        }
        List<Row> known = new ArrayList<>(rows.values());
        known.removeIf(row -> row.unaware == null && row.aware == null);
        return known;
    }

    boolean isEmpty() {
        return defences.isEmpty() && settings.isEmpty();
    }
}
