package leakmark.reports.html;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import leakmark.reports.result.Claim;
import leakmark.reports.result.Result;
import leakmark.reports.result.Result.Status;
import leakmark.reports.result.ResultFile;
import leakmark.reports.result.SideComparison;
import org.jspecify.annotations.Nullable;

/**
 * The run in one sentence: its largest exactly recovered batch, one with a published counterpart if there is any.
 *
 * @param sentence the claim
 * @param detail what else to know: cells counted by outcome
 */
record Headline(String sentence, String detail) {
    /** Largest batch last; of equal batches, the fastest. */
    private static final Comparator<Result> ORDER = Comparator.comparingDouble(Cells::size)
            .thenComparing(Comparator.comparingDouble(
                            (Result result) -> result.seconds().orElse(Double.MAX_VALUE))
                    .reversed());

    /** Where a self-test's protocol says what came out: the verdict, a full stop, and the numbers. */
    static final String SELF_TEST = "selftest";

    static Headline of(ResultFile file) {
        String tested = file.run().protocol().get(SELF_TEST);
        if (tested != null) {
            int end = tested.indexOf(". ");
            return new Headline(
                    "Self-test: " + (end < 0 ? tested : tested.substring(0, end + 1)),
                    end < 0 ? "" : tested.substring(end + 2) + ".");
        }
        List<SideComparison> comparisons = file.comparisons();
        if (comparisons.isEmpty()) {
            return file.results().isEmpty() ? ofEvidence(file) : of(file.results());
        }
        SideComparison first = comparisons.get(0);
        return new Headline(
                ComparisonSummary.sentence(first),
                ComparisonSummary.method(first)
                        + (comparisons.size() == 1 ? "" : " The first of " + comparisons.size() + " comparisons."));
    }

    private static Headline of(List<Result> results) {
        if (results.isEmpty()) {
            return new Headline("Nothing was measured.", "The result file has no results.");
        }
        Protections protections = Protections.of(results);
        if (results.stream().allMatch(Protections::has) && !protections.isEmpty()) {
            return new Headline(
                    protections.defences().size() + " defences and "
                            + protections.settings().size() + " federated settings attacked.",
                    "Each by an attacker who does not know it and by one who does.");
        }
        Cells cells = Cells.of(results);
        List<Result> ours = cells.reconstructions().stream()
                .filter(result -> !Cells.isPublished(result))
                .toList();
        if (cells.reconstructions().stream().noneMatch(result -> result.status() == Status.OK)) {
            boolean none = results.stream().noneMatch(result -> result.status() == Status.OK);
            return new Headline(
                    none
                            ? "No result has a score."
                            : cells.reconstructions().isEmpty()
                                    ? "Kernels were measured, no attack."
                                    : "Kernels were measured; no attack has a score.",
                    counts(results));
        }
        List<Result> shown = ours.isEmpty() ? cells.reconstructions() : ours;
        return of(shown, Comparison.of(cells.reconstructions()));
    }

    /** A file without benchmark cells: claims, latencies or profiles. */
    static Headline ofEvidence(ResultFile file) {
        long checked = file.claims().stream()
                .filter(claim -> claim.verdict() != Claim.Verdict.NOT_TESTABLE_HERE)
                .count();
        if (checked > 0) {
            StringBuilder detail = new StringBuilder();
            for (Claim.Verdict verdict : Claim.Verdict.values()) {
                long count = file.claims().stream()
                        .filter(claim -> claim.verdict() == verdict)
                        .count();
                detail.append(detail.isEmpty() ? "" : ", ")
                        .append(count)
                        .append(' ')
                        .append(verdict);
            }
            return new Headline(checked + (checked == 1 ? " claim checked." : " claims checked."), detail + ".");
        }
        if (!file.evidence().latencies().isEmpty()) {
            return new Headline("Latency of single calls.", "No benchmark cells were measured.");
        }
        return file.evidence().profiles().isEmpty()
                ? of(file.results())
                : new Headline("Hot spots of a call.", "No benchmark cells were measured.");
    }

    private static Headline of(List<Result> shown, List<Comparison> comparisons) {
        Map<Result.Key, Comparison> compared = comparisons.stream()
                .filter(comparison -> comparison.ratio() != null)
                .collect(Collectors.toMap(
                        comparison -> comparison.ours().key(), Function.identity(), (first, second) -> first));
        List<Result> exact = shown.stream()
                .filter(Headline::isExact)
                .sorted(ORDER.reversed())
                .toList();
        if (exact.isEmpty()) {
            return new Headline("No batch was recovered exactly.", counts(shown));
        }
        Result largest = exact.get(0);
        Result best = exact.stream()
                .filter(result -> compared.containsKey(result.key()))
                .findFirst()
                .orElse(largest);
        String detail = best.equals(largest)
                ? counts(shown)
                : counts(shown) + " Largest exact: " + batch(largest) + " in " + Format.score(largest) + ".";
        return new Headline(sentence(best, compared.get(best.key())), detail);
    }

    private static String sentence(Result result, @Nullable Comparison comparison) {
        String sentence = batch(result) + " recovered exactly, " + Format.recovery(result)
                + (Cells.isPublished(result) ? " by the published algorithm" : "") + ", in " + Format.score(result);
        return comparison == null
                ? sentence + "."
                : sentence + ": " + comparison.value() + " times as fast as the published algorithm in the same run.";
    }

    private static boolean isExact(Result result) {
        return result.status() == Status.OK && Cells.isExact(result);
    }

    private static String batch(Result result) {
        return Cells.size(result) > 0
                ? Math.round(result.axis(Result.BATCH_SIZE)) + " × " + Math.round(result.axis(Result.SEQUENCE_LENGTH))
                        + " tokens"
                : "A batch";
    }

    private static String counts(List<Result> results) {
        long exact = results.stream().filter(Headline::isExact).count();
        StringBuilder text = new StringBuilder();
        text.append(results.size()).append(results.size() == 1 ? " cell" : " cells");
        text.append(": ").append(exact).append(" recovered exactly");
        for (Status status : Status.values()) {
            long count = results.stream()
                    .filter(result -> result.status() == status && !isExact(result))
                    .count();
            if (count > 0) {
                text.append(", ").append(count).append(' ').append(outcome(status));
            }
        }
        return text.append('.').toString();
    }

    private static String outcome(Status status) {
        return switch (status) {
            case OK -> "below exact";
            case WITHHELD -> "withheld below the gate";
            case INVALID -> "invalid";
            case SKIPPED -> "skipped";
            case NOT_APPLICABLE -> "not applicable";
            case ERROR -> "failed";
        };
    }
}
