package leakmark.reports.html;

import java.util.Comparator;
import java.util.List;
import leakmark.reports.result.Result;

/**
 * Attacks by gradient matching.
 *
 * @param result the cell
 * @param rate attacks a second
 * @param success share of attacks that recovered everything
 * @param evaluations gradients matched for one attack
 * @param ratio rate over the published attack's, with the same optimiser where there is one, whatever number of attacks
 *     either ran at once
 * @param recoveredRatio the same of the attacks that recovered everything: one that gives up early is quick too
 */
record InversionRow(
        Result result, String rate, String success, String evaluations, String ratio, String recoveredRatio) {
    private static final String RATE = "attacksPerSecond";
    private static final String RECOVERED_RATE = "recoveredPerSecond";

    static List<InversionRow> of(List<Result> inversions) {
        return inversions.stream()
                .map(result -> new InversionRow(
                        result,
                        counter(result, RATE),
                        Format.recovery(result),
                        counter(result, "evaluationsPerAttack"),
                        ratio(result, inversions, RATE),
                        ratio(result, inversions, RECOVERED_RATE)))
                .toList();
    }

    private static String counter(Result result, String name) {
        Double value = result.counters().get(name);
        return value == null ? Format.NONE : Format.digits(value);
    }

    private static String ratio(Result result, List<Result> all, String rate) {
        Double ours = result.counters().get(rate);
        return all.stream()
                .filter(other -> Cells.isPublished(other)
                        && !Cells.isPublished(result)
                        && ours != null
                        && other.key().benchmark().equals(result.key().benchmark())
                        && sameButAttacks(other, result)
                        && other.counters().getOrDefault(rate, 0.0) > 0)
                .min(Comparator.comparing(other -> !optimiser(other).equals(optimiser(result))))
                .map(other -> Format.digits(
                        (ours == null ? 0 : ours) / other.counters().getOrDefault(rate, 1.0)))
                .orElse(Format.NONE);
    }

    private static String optimiser(Result result) {
        return result.key().params().getOrDefault("optimiser", "");
    }

    private static boolean sameButAttacks(Result a, Result b) {
        return a.key().params().entrySet().stream()
                .allMatch(entry -> entry.getKey().equals("attacks")
                        || entry.getKey().equals("optimiser")
                        || entry.getValue().equals(b.key().params().get(entry.getKey())));
    }
}
