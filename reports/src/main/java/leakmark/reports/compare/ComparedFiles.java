package leakmark.reports.compare;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import leakmark.reports.result.CellComparison;
import leakmark.reports.result.CellComparison.Verdict;
import leakmark.reports.result.Result;
import leakmark.reports.result.Result.Cost;
import leakmark.reports.result.Result.Status;
import leakmark.reports.result.ResultFileException;
import leakmark.reports.result.Roof;
import leakmark.reports.result.SideComparison;
import leakmark.reports.result.SideComparison.Method;
import leakmark.reports.result.Summary;
import leakmark.reports.result.Units;

/** Two sets of results from different times, cell by cell, over forks. */
public final class ComparedFiles {
    private static final Result.Metric OF_ROOF = new Result.Metric("× least time by roof", Result.Better.LOWER);

    private final Judge judge;

    public ComparedFiles(Judge judge) {
        this.judge = judge;
    }

    /**
     * One file.
     *
     * @param side name, revision
     * @param results its cells
     * @param roofs of its machine
     */
    public record Input(SideComparison.Side side, List<Result> results, List<Roof> roofs) {
        public Input {
            results = List.copyOf(results);
            roofs = List.copyOf(roofs);
        }
    }

    /**
     * Compares all cells of either file.
     *
     * @param acrossMachines true for fractions of each machine's roof in place of times
     * @throws ResultFileException if a file has two results for one cell
     */
    public SideComparison compare(Input base, Input head, boolean acrossMachines) {
        Map<Result.Key, Result> before = byKey(base);
        Map<Result.Key, Result> after = byKey(head);
        Set<Result.Key> keys = new LinkedHashSet<>(before.keySet());
        keys.addAll(after.keySet());
        List<CellComparison> cells = new ArrayList<>();
        for (Result.Key key : keys) {
            Result one = before.get(key);
            Result two = after.get(key);
            if (one == null || two == null) {
                Result there = one == null ? two : one;
                String reason = (one == null ? base : head).side().name() + " has no such cell";
                cells.add(without(key, metric(there), Verdict.NOT_APPLICABLE, reason));
            } else {
                cells.add(acrossMachines ? fractions(one, base.roofs(), two, head.roofs()) : times(one, two));
            }
        }
        return new SideComparison(
                base.side(),
                head.side(),
                acrossMachines ? Method.UNPAIRED_ROOF_FRACTION : Method.UNPAIRED,
                judge.tolerance(),
                null,
                Judge.together(cells));
    }

    private static Result.Metric metric(@org.jspecify.annotations.Nullable Result result) {
        return result == null ? OF_ROOF : result.metric();
    }

    private static Map<Result.Key, Result> byKey(Input input) {
        Map<Result.Key, Result> byKey = new LinkedHashMap<>();
        for (Result result : input.results()) {
            if (byKey.put(result.key(), result) != null) {
                throw new ResultFileException(input.side().name() + " has two results for " + result.key()
                        + "; a parameter that tells them apart is missing");
            }
        }
        return byKey;
    }

    private CellComparison times(Result base, Result head) {
        if (!base.metric().equals(head.metric())) {
            String reason = "units differ: " + base.metric().unit() + " and "
                    + head.metric().unit();
            return without(base.key(), base.metric(), Verdict.NOT_APPLICABLE, reason);
        }
        CellComparison fault = fault(base, head);
        return fault == null ? judge.unpaired(base.key(), base.metric(), forks(base, 1), forks(head, 1)) : fault;
    }

    private CellComparison fractions(Result base, List<Roof> baseRoofs, Result head, List<Roof> headRoofs) {
        CellComparison fault = fault(base, head);
        if (fault != null) {
            return fault;
        }
        OptionalDouble least = leastUnits(base, baseRoofs);
        OptionalDouble leastHead = leastUnits(head, headRoofs);
        if (least.isEmpty() || leastHead.isEmpty()) {
            String reason = "no declared work or no measured roof; times of two machines say nothing";
            return without(base.key(), base.metric(), Verdict.NOT_APPLICABLE, reason);
        }
        return judge.unpaired(
                base.key(), OF_ROOF, forks(base, least.getAsDouble()), forks(head, leastHead.getAsDouble()));
    }

    /** Least time the roofs allow, in the result's own unit of time. */
    private static OptionalDouble leastUnits(Result result, List<Roof> roofs) {
        Cost cost = result.cost();
        OptionalDouble unit = Units.seconds(result.metric().unit());
        if (cost == null || unit.isEmpty()) {
            return OptionalDouble.empty();
        }
        double seconds =
                Math.max(cost.flops() / highest(result, roofs, "FLOP/s"), cost.bytes() / highest(result, roofs, "B/s"));
        return seconds > 0 ? OptionalDouble.of(seconds / unit.getAsDouble()) : OptionalDouble.empty();
    }

    /** Of the kernel's own number of threads where it names it; infinite if there is none. */
    private static double highest(Result result, List<Roof> roofs, String base) {
        String threads = result.key().params().get("threads");
        double highest = roofs.stream()
                .filter(roof -> threads == null || threads.equals(Integer.toString(roof.threads())))
                .mapToDouble(roof ->
                        roof.value() * Units.relativeTo(base, roof.unit()).orElse(0))
                .max()
                .orElse(0);
        return highest > 0 ? highest : Double.POSITIVE_INFINITY;
    }

    private static @org.jspecify.annotations.Nullable CellComparison fault(Result base, Result head) {
        for (int which = 0; which < 2; which++) {
            Result side = which == 0 ? base : head;
            if (side.status() != Status.OK) {
                Verdict verdict = switch (side.status()) {
                    case WITHHELD -> Verdict.WITHHELD;
                    case INVALID -> Verdict.INVALID;
                    case ERROR -> Verdict.ERROR;
                    case OK, SKIPPED, NOT_APPLICABLE -> Verdict.NOT_APPLICABLE;
                };
                return without(
                        side.key(),
                        side.metric(),
                        verdict,
                        (which == 0 ? "base: " : "head: ") + String.join("; ", side.reasons()));
            }
            if (side.rounds().stream().flatMap(List::stream).anyMatch(value -> !(value > 0))) {
                return without(side.key(), side.metric(), Verdict.NOT_APPLICABLE, "values that are not above 0");
            }
        }
        return null;
    }

    private static CellComparison without(Result.Key key, Result.Metric metric, Verdict verdict, String reason) {
        return new CellComparison(key, metric, verdict, List.of(reason), List.of(), List.of(), null);
    }

    /** The median of each fork's iterations, in the given unit. */
    private static List<Double> forks(Result result, double unit) {
        return result.rounds().stream()
                .filter(round -> !round.isEmpty())
                .map(round -> Summary.of(List.of(round)).median() / unit)
                .toList();
    }
}
