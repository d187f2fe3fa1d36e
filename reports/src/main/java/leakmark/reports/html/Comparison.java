package leakmark.reports.html;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import leakmark.reports.result.Result;
import leakmark.reports.result.Result.Better;
import leakmark.reports.result.Result.Status;
import leakmark.reports.statistics.Ratio;
import org.jspecify.annotations.Nullable;

/**
 * A cell beside the published algorithm's cell of the same run.
 *
 * @param ours any variant but the published one
 * @param published same benchmark and parameters
 * @param ratio how many times as fast as the published one; null unless both have a score in one unit
 */
record Comparison(Result ours, Result published, @Nullable Ratio ratio) {
    static List<Comparison> of(List<Result> results) {
        Map<String, Result> published = Cells.published(results);
        List<Comparison> comparisons = new ArrayList<>();
        for (Result result : results) {
            Result other = published.get(Cells.pairKey(result));
            if (other != null && !Cells.isPublished(result)) {
                comparisons.add(new Comparison(result, other, ratio(result, other)));
            }
        }
        return comparisons;
    }

    private static @Nullable Ratio ratio(Result ours, Result published) {
        if (ours.status() != Status.OK
                || published.status() != Status.OK
                || !ours.metric().equals(published.metric())
                || !positive(ours.rounds())
                || !positive(published.rounds())) {
            return null;
        }
        return ours.metric().better() == Better.LOWER
                ? Ratio.of(published.rounds(), ours.rounds())
                : Ratio.of(ours.rounds(), published.rounds());
    }

    private static boolean positive(List<List<Double>> rounds) {
        return rounds.stream().anyMatch(round -> !round.isEmpty())
                && rounds.stream().allMatch(round -> round.stream().allMatch(value -> value > 0));
    }

    String value() {
        return ratio == null ? Format.NONE : Format.digits(ratio.value());
    }

    String interval() {
        Ratio.Interval interval = ratio == null ? null : ratio.interval();
        if (ratio == null || interval == null) {
            return Format.NONE;
        }
        String ends = Format.digits(interval.low()) + " to " + Format.digits(interval.high());
        // Nothing is known then of the spread between forks.
        return ratio.unit() == Ratio.Replication.FORK ? ends : ends + ", within one fork";
    }
}
