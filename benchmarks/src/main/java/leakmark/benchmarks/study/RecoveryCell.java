package leakmark.benchmarks.study;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import leakmark.attacks.metrics.RecoveryScore;
import leakmark.reports.result.Result;
import org.jspecify.annotations.Nullable;

/** Scores and times of the attacks of one cell of a study. */
public final class RecoveryCell {
    private final List<RecoveryScore> scores = new ArrayList<>();
    private final List<Double> milliseconds = new ArrayList<>();
    private @Nullable String refusal;

    /** Adds an attack. */
    public void add(RecoveryScore score, double milliseconds, @Nullable String refusal) {
        scores.add(score);
        this.milliseconds.add(milliseconds);
        if (refusal != null) {
            this.refusal = refusal;
        }
    }

    /** Mean over the attacks; 0 without any. */
    public double mean(ToDoubleFunction<RecoveryScore> value) {
        return scores.stream().mapToDouble(value).average().orElse(0);
    }

    /** Part of all sequences that were recovered exactly. */
    public double exactRate() {
        return exact() / sequences();
    }

    /** What every result on text has; callers add their own. */
    public Map<String, Double> quality() {
        Map<String, Double> quality = new LinkedHashMap<>();
        quality.put(Result.SEQUENCES, sequences());
        quality.put(Result.EXACT_SEQUENCES, exact());
        quality.put(Result.EXACT_RATE, exactRate());
        quality.put(Result.ROUGE_1, mean(RecoveryScore::rouge1));
        return quality;
    }

    /** Milliseconds of each attack, one round. */
    public List<List<Double>> rounds() {
        return List.of(milliseconds);
    }

    /** The last refusal, if one of the attacks gave up. */
    public List<String> reasons() {
        return refusal == null ? List.of() : List.of(refusal);
    }

    private double sequences() {
        return scores.stream().mapToInt(RecoveryScore::sequences).sum();
    }

    private double exact() {
        return scores.stream().mapToInt(RecoveryScore::exactSequences).sum();
    }
}
