package leakmark.reports.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import leakmark.reports.result.CellComparison;
import leakmark.reports.result.CellComparison.Estimate;
import leakmark.reports.result.CellComparison.Verdict;
import leakmark.reports.result.Result;
import leakmark.reports.result.Result.Better;
import leakmark.reports.result.SideComparison;
import org.jspecify.annotations.Nullable;

/**
 * Verdicts by intervals against a tolerance band {@code |log ratio| ≤ log(1 + tolerance)}: wholly beyond it is REGRESSED or
 * IMPROVED, wholly inside is SAME, anything else INCONCLUSIVE.
 */
public final class Judge {
    /** Fewest rounds a verdict may rest on. */
    public static final int LEAST_ROUNDS = 6;

    /**
     * Largest p at which sides are called different, by however little. A level of 5 % would call one of twenty cells of the
     * same code different on average, and two or more of twenty in a quarter of all cases; at 1 % those are 2 %.
     */
    public static final double DIFFERENT = 0.01;

    /** Instead of a number of rounds, where an estimate stands at the tolerance itself. */
    public static final String MORE_THAN_ANYONE_MEASURES = "over " + LogRatio.MOST_ROUNDS;

    private final double tolerance;
    private final double band;

    /**
     * A judge.
     *
     * @param tolerance 0.03 for ±3 %
     */
    public Judge(double tolerance) {
        if (!(tolerance > 0 && tolerance < 1)) {
            throw new IllegalArgumentException("a tolerance of " + tolerance + "; it must lie between 0 and 1");
        }
        this.tolerance = tolerance;
        this.band = Math.log1p(tolerance);
    }

    /** What is called the same, 0.03 for ±3 %. */
    public double tolerance() {
        return tolerance;
    }

    /** Entry i of both sides was measured in one round. Values are above 0. */
    public CellComparison paired(Result.Key key, Result.Metric metric, List<Double> base, List<Double> head) {
        if (base.size() < 2) {
            return new CellComparison(key, metric, Verdict.INCONCLUSIVE, List.of(few(base.size())), base, head, null);
        }
        LogRatio ratio = LogRatio.of(times(metric, base), times(metric, head));
        double half = ratio.halfWidth();
        Integer needed = ratio.needed(band);
        Verdict verdict = verdict(ratio.mean() - half, ratio.mean() + half);
        List<String> reasons = new ArrayList<>();
        if (base.size() < LEAST_ROUNDS) {
            verdict = Verdict.INCONCLUSIVE;
            reasons.add(few(base.size()));
        } else if (verdict == Verdict.INCONCLUSIVE) {
            reasons.add((needed == null ? MORE_THAN_ANYONE_MEASURES : needed) + " rounds would decide");
        }
        Estimate estimate = estimate(
                ratio.mean(),
                ratio.mean() - half,
                ratio.mean() + half,
                ratio.pDifferent(),
                ratio.pAbove(band),
                Math.expm1(ratio.detectable(band)),
                needed == null ? null : Math.max(LEAST_ROUNDS, needed));
        return new CellComparison(key, metric, verdict, reasons, base, head, estimate);
    }

    /** Values of both sides come from different times; they are above 0, one for each fork. */
    public CellComparison unpaired(Result.Key key, Result.Metric metric, List<Double> base, List<Double> head) {
        if (base.size() < Shift.LEAST || head.size() < Shift.LEAST) {
            String reason = "forks: " + base.size() + " and " + head.size() + "; a verdict needs " + Shift.LEAST
                    + " on both sides, such as run -f 5";
            return new CellComparison(key, metric, Verdict.INCONCLUSIVE, List.of(reason), base, head, null);
        }
        Shift shift = Shift.of(logs(times(metric, base)), logs(times(metric, head)), band);
        Estimate estimate =
                estimate(shift.estimate(), shift.low(), shift.high(), shift.pDifferent(), shift.pAbove(), null, null);
        return new CellComparison(key, metric, verdict(shift.low(), shift.high()), List.of(), base, head, estimate);
    }

    /** The same cells with p and q over all of them; a difference without a verdict is remarked. */
    public static List<CellComparison> together(List<CellComparison> cells) {
        List<Estimate> estimates = cells.stream()
                .map(CellComparison::estimate)
                .filter(Objects::nonNull)
                .toList();
        double[] holm = Multiplicity.holm(
                estimates.stream().mapToDouble(Estimate::pSlower).toArray());
        double[] q = Multiplicity.benjaminiHochberg(
                estimates.stream().mapToDouble(Estimate::pDifferent).toArray());
        List<CellComparison> judged = new ArrayList<>();
        int i = 0;
        for (CellComparison cell : cells) {
            Estimate estimate = cell.estimate();
            judged.add(estimate == null ? cell : remarked(cell.with(estimate.over(holm[i], q[i])), q[i]));
            i += estimate == null ? 0 : 1;
        }
        return judged;
    }

    private static CellComparison remarked(CellComparison cell, double q) {
        if (q > DIFFERENT || (cell.verdict() != Verdict.SAME && cell.verdict() != Verdict.INCONCLUSIVE)) {
            return cell;
        }
        return cell.with(
                cell.verdict(),
                cell.verdict() == Verdict.SAME
                        ? "different, by less than the tolerance"
                        : "different, but perhaps by less than the tolerance");
    }

    /**
     * A flagged cell after its second measurement. It stays REGRESSED if the second one's own estimate lies beyond the
     * tolerance and the interval over both lies wholly beyond it.
     */
    public CellComparison confirmed(CellComparison first, CellComparison second) {
        List<Double> base = new ArrayList<>(first.base());
        base.addAll(second.base());
        List<Double> head = new ArrayList<>(first.head());
        head.addAll(second.head());
        CellComparison both = paired(first.key(), first.metric(), base, head);
        Estimate again = second.estimate();
        String reason = "measured twice: " + percent(first.estimate()) + ", then " + percent(again);
        boolean holds = again != null && again.ratio() > 1 + tolerance && both.verdict() == Verdict.REGRESSED;
        return both.with(
                holds || both.verdict() == Verdict.SAME ? both.verdict() : Verdict.INCONCLUSIVE,
                holds ? reason : reason + ": not confirmed");
    }

    /** Cells that regressed, with a p that holds over all cells. */
    public static List<CellComparison> regressions(SideComparison comparison) {
        return comparison.cells().stream()
                .filter(cell -> cell.verdict() == Verdict.REGRESSED && isConclusive(cell))
                .toList();
    }

    /** Whether a REGRESSED cell holds over all cells, by Holm. */
    private static boolean isConclusive(CellComparison cell) {
        return cell.estimate() != null && cell.estimate().pSlowerHolm() <= LogRatio.ONE_SIDED;
    }

    /** Cells without an answer. */
    public static List<CellComparison> undecided(SideComparison comparison) {
        return comparison.cells().stream()
                .filter(cell -> cell.verdict() == Verdict.INCONCLUSIVE
                        || (cell.verdict() == Verdict.REGRESSED && !isConclusive(cell)))
                .toList();
    }

    private Verdict verdict(double low, double high) {
        if (low > band) {
            return Verdict.REGRESSED;
        }
        if (high < -band) {
            return Verdict.IMPROVED;
        }
        return low >= -band && high <= band ? Verdict.SAME : Verdict.INCONCLUSIVE;
    }

    private static Estimate estimate(
            double mean,
            double low,
            double high,
            double pDifferent,
            double pSlower,
            @Nullable Double detectable,
            @Nullable Integer needed) {
        return new Estimate(
                Math.exp(mean),
                Math.exp(low),
                Math.exp(high),
                pDifferent,
                pSlower,
                pSlower,
                pDifferent,
                detectable,
                needed);
    }

    /** Rates become times, up to a factor. */
    private static double[] times(Result.Metric metric, List<Double> values) {
        return values.stream()
                .mapToDouble(value -> metric.better() == Better.LOWER ? value : 1 / value)
                .toArray();
    }

    private static double[] logs(double[] times) {
        double[] logs = new double[times.length];
        for (int i = 0; i < times.length; i++) {
            logs[i] = Math.log(times[i]);
            if (!Double.isFinite(logs[i])) {
                throw new IllegalArgumentException("log ratios need values above 0 on both sides");
            }
        }
        return logs;
    }

    private static String few(int rounds) {
        return rounds + " rounds, a verdict needs " + LEAST_ROUNDS;
    }

    private static String percent(@Nullable Estimate estimate) {
        return estimate == null
                ? "nothing"
                : String.format(java.util.Locale.ROOT, "%+.1f %%", 100 * (estimate.ratio() - 1));
    }
}
