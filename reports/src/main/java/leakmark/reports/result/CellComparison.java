package leakmark.reports.result;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One cell measured on two sides.
 *
 * @param key what was measured
 * @param metric unit and direction
 * @param verdict what the numbers say
 * @param reasons what a reader must know beside the verdict; at least one if there is no estimate
 * @param base one value for each fork, in the metric's unit: its fastest iteration if paired, their median if not
 * @param head the same; if the comparison is paired, entry i was measured beside base's entry i
 * @param estimate null if the sides cannot be compared
 */
public record CellComparison(
        Result.Key key,
        Result.Metric metric,
        Verdict verdict,
        List<String> reasons,
        List<Double> base,
        List<Double> head,
        @Nullable Estimate estimate) {
    public CellComparison {
        Values.required(key, "comparison.key");
        Values.required(metric, "comparison.metric");
        Values.required(verdict, "comparison.verdict");
        reasons = Values.list(reasons, "comparison.reasons");
        base = Values.list(base, "comparison.base");
        head = Values.list(head, "comparison.head");
        base.forEach(value -> Values.finite(value, "a value of comparison.base"));
        head.forEach(value -> Values.finite(value, "a value of comparison.head"));
        if (estimate == null && reasons.isEmpty()) {
            throw new IllegalArgumentException(key + " has neither an estimate nor a reason");
        }
        boolean decided = verdict == Verdict.REGRESSED || verdict == Verdict.IMPROVED;
        if (decided && estimate == null) {
            throw new IllegalArgumentException(key + " is " + verdict + " without an estimate");
        }
    }

    /** The same with another verdict and one reason more. */
    public CellComparison with(Verdict newVerdict, String reason) {
        List<String> all = new java.util.ArrayList<>(reasons);
        all.add(reason);
        return new CellComparison(key, metric, newVerdict, all, base, head, estimate);
    }

    /** The same with other numbers. */
    public CellComparison with(Estimate newEstimate) {
        return new CellComparison(key, metric, verdict, reasons, base, head, newEstimate);
    }

    /** What a comparison says. */
    public enum Verdict {
        /** The interval lies wholly above the tolerance: slower. */
        REGRESSED,
        /** The interval lies wholly below the tolerance: faster. */
        IMPROVED,
        /** The interval lies wholly within the tolerance, or both sides run the same code. */
        SAME,
        /** None of these: more rounds are needed, or less noise. */
        INCONCLUSIVE,
        /** One side does not have the cell: neither 0 nor a pass. */
        NOT_APPLICABLE,
        /** A side recovered too little for its speed to count. */
        WITHHELD,
        /** A side is faster than the measured roofs allow. */
        INVALID,
        /** A side could not be measured. */
        ERROR
    }

    /**
     * How much longer head takes.
     *
     * @param ratio time of head over time of base, above 1 where head is slower
     * @param low lower end of the 95 % interval
     * @param high upper end
     * @param pDifferent two-sided p of "no difference"
     * @param pSlower one-sided p of "not slower than the tolerance"
     * @param pSlowerHolm the same over all cells of the comparison, by Holm
     * @param qDifferent {@code pDifferent} over all cells, by Benjamini and Hochberg
     * @param detectable slow-down, 0.1 for 10 %, that this noise and these rounds call REGRESSED four times of five; null
     *     if unknown
     * @param roundsNeeded rounds that decide a difference of this size four times of five; null if unknown or beyond count
     */
    public record Estimate(
            double ratio,
            double low,
            double high,
            double pDifferent,
            double pSlower,
            double pSlowerHolm,
            double qDifferent,
            @Nullable Double detectable,
            @Nullable Integer roundsNeeded) {
        public Estimate {
            Values.notNegative(ratio, "estimate.ratio");
            Values.notNegative(low, "estimate.low");
            Values.notNegative(high, "estimate.high");
            if (!(low <= ratio && ratio <= high)) {
                throw new IllegalArgumentException("an interval from " + low + " to " + high + " around " + ratio);
            }
            Values.notNegative(pDifferent, "estimate.pDifferent");
            Values.notNegative(pSlower, "estimate.pSlower");
            Values.notNegative(pSlowerHolm, "estimate.pSlowerHolm");
            Values.notNegative(qDifferent, "estimate.qDifferent");
            if (detectable != null) {
                Values.notNegative(detectable, "estimate.detectable");
            }
        }

        /** The same with p and q over all cells. */
        public Estimate over(double newPSlowerHolm, double newQDifferent) {
            return new Estimate(
                    ratio, low, high, pDifferent, pSlower, newPSlowerHolm, newQDifferent, detectable, roundsNeeded);
        }
    }
}
