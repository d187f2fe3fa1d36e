package leakmark.benchmarks.compare;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import leakmark.benchmarks.compare.Forks.Fork;
import leakmark.reports.compare.ForkValue;
import leakmark.reports.compare.Judge;
import leakmark.reports.result.CellComparison;
import leakmark.reports.result.CellComparison.Verdict;
import leakmark.reports.result.Result;
import leakmark.reports.result.Result.Status;
import leakmark.reports.result.SideComparison;
import leakmark.reports.result.SideComparison.Method;
import leakmark.reports.result.Summary;
import org.jspecify.annotations.Nullable;

/**
 * What the rounds of an A/B have measured so far. A round is one fork of each side, base first in even rounds and head first
 * in odd ones (ABBA), so that a drift of the machine hits both alike; the first cell that both sides have is also measured
 * on base a second time, which is the negative control.
 */
final class Rounds {
    private final Program base;
    private final Program head;
    private final List<ComparedCell> cells;
    private final Judge judge;
    private final Map<ComparedCell, Pairs> pairs = new LinkedHashMap<>();
    private final Map<ComparedCell, CellComparison> confirmed = new LinkedHashMap<>();
    private final @Nullable ComparedCell controlled;
    private final Pairs control = new Pairs();

    /** Results of both sides; entry i of each is round i. */
    private static final class Pairs {
        private final List<Result> base = new ArrayList<>();
        private final List<Result> head = new ArrayList<>();
        private final List<Double> offsets = new ArrayList<>();

        /** @param offset by what part of a cycle head's turn came after base's */
        private void add(Result baseResult, Result headResult, double offset) {
            base.add(baseResult);
            head.add(headResult);
            offsets.add(offset);
        }

        private List<Double> baseValues() {
            return base.stream()
                    .map(result ->
                            ForkValue.of(result.rounds().get(0), result.metric().better()))
                    .toList();
        }

        /** Base's value times what head took of base's time, turn by turn. */
        private List<Double> headValues() {
            List<Double> values = baseValues();
            return IntStream.range(0, values.size())
                    .mapToObj(i -> values.get(i)
                            * ForkValue.ratio(
                                    base.get(i).rounds().get(0),
                                    head.get(i).rounds().get(0),
                                    offsets.get(i)))
                    .toList();
        }

        /** The first result that is not OK, and whose it is. */
        private @Nullable String fault(Status status) {
            for (int i = 0; i < base.size(); i++) {
                if (base.get(i).status() == status) {
                    return "base: " + String.join("; ", base.get(i).reasons());
                }
                if (head.get(i).status() == status) {
                    return "head: " + String.join("; ", head.get(i).reasons());
                }
            }
            return null;
        }
    }

    Rounds(Program base, Program head, List<ComparedCell> cells, Judge judge) {
        this.base = base;
        this.head = head;
        this.cells = List.copyOf(cells);
        this.judge = judge;
        cells.forEach(cell -> pairs.put(cell, new Pairs()));
        this.controlled = cells.stream().filter(this::onBoth).findFirst().orElse(null);
    }

    Program base() {
        return base;
    }

    Program head() {
        return head;
    }

    private boolean onBoth(ComparedCell cell) {
        return base.has(cell) && head.has(cell);
    }

    private Pairs pairs(ComparedCell cell) {
        return Objects.requireNonNull(pairs.get(cell));
    }

    /** Cells that can still be measured: both sides have them, and none has failed. */
    List<ComparedCell> open() {
        return cells.stream()
                .filter(cell -> onBoth(cell) && pairs(cell).fault(Status.ERROR) == null)
                .toList();
    }

    /** Runs each side once, uncounted: this makes gradients, fills file caches, and finds what cannot run. */
    void rehearse(Forks forks, Runnable step, Predicate<Result> kept) {
        for (ComparedCell cell : open()) {
            for (int which = 0; which < 2; which++) {
                Result result = forks.run(List.of(new Fork(which == 0 ? base : head, cell)), true)
                        .get(0);
                step.run();
                if (!kept.test(result)) {
                    return;
                }
                if (result.status() == Status.ERROR) {
                    pairs(cell)
                            .add(which == 0 ? result : unmeasured(result), which == 0 ? unmeasured(result) : result, 0);
                    break;
                }
            }
        }
    }

    /** A place holder for the side that did not fail. */
    private static Result unmeasured(Result failed) {
        return failed.without(Status.SKIPPED, List.of("the other side failed"));
    }

    /**
     * One round over the given cells.
     *
     * @param index even: base first
     * @param withControl whether the control is measured too
     * @param kept false ends the round without keeping it
     * @return whether it was kept
     */
    boolean round(
            int index,
            List<ComparedCell> measured,
            boolean withControl,
            Forks forks,
            Runnable step,
            Predicate<Result> kept) {
        Map<ComparedCell, List<Result>> round = new LinkedHashMap<>();
        int first = index % 2;
        for (ComparedCell cell : measured) {
            List<Fork> turns = new ArrayList<>();
            for (int turn = 0; turn < 2; turn++) {
                turns.add(new Fork((index + turn) % 2 == 0 ? base : head, cell));
            }
            if (withControl && cell.equals(controlled)) {
                turns.add(new Fork(base, cell));
            }
            List<Result> results = forks.run(turns, false);
            for (Result result : results) {
                step.run();
                if (!kept.test(result)) {
                    return false;
                }
            }
            round.put(cell, results);
        }
        round.forEach((cell, results) -> {
            Result baseResult = results.get(first);
            double cycle = results.size();
            pairs(cell).add(baseResult, results.get(1 - first), (1 - 2 * first) / cycle);
            if (results.size() > 2) {
                control.add(baseResult, results.get(2), (2 - first) / cycle);
            }
        });
        return true;
    }

    /** Whether rounds of the control are measured. */
    boolean hasControl() {
        return controlled != null;
    }

    /** Cells that regressed by the rounds so far. */
    List<ComparedCell> flagged() {
        return open().stream()
                .filter(cell -> judged(cell).verdict() == Verdict.REGRESSED)
                .toList();
    }

    /** Second measurements of flagged cells, by rounds of their own, decide about them. */
    void confirm(Rounds second) {
        second.cells.forEach(cell -> confirmed.put(cell, judge.confirmed(judged(cell), second.judged(cell))));
    }

    /** The comparison by the rounds so far. */
    SideComparison comparison() {
        List<CellComparison> judged = new ArrayList<>();
        for (ComparedCell cell : cells) {
            CellComparison second = confirmed.get(cell);
            judged.add(second == null ? judged(cell) : second);
        }
        CellComparison controlCell = controlled == null || control.base.isEmpty() ? null : judged(controlled, control);
        return new SideComparison(
                base.side(), head.side(), Method.PAIRED, judge.tolerance(), controlCell, Judge.together(judged));
    }

    /** Head's results over its rounds, one entry for each cell that was measured. */
    List<Result> headResults() {
        return cells.stream()
                .map(cell -> pairs(cell).head)
                .filter(results -> !results.isEmpty())
                .map(results -> merged(results, head.side().codeHash()))
                .toList();
    }

    private CellComparison judged(ComparedCell cell) {
        return judged(cell, pairs(cell));
    }

    private CellComparison judged(ComparedCell cell, Pairs measured) {
        if (!onBoth(cell)) {
            String reason = (base.has(cell) ? "head" : "base") + " has no such benchmark";
            return without(cell, Verdict.NOT_APPLICABLE, reason);
        }
        for (Status status : List.of(Status.ERROR, Status.WITHHELD, Status.INVALID, Status.NOT_APPLICABLE)) {
            String fault = measured.fault(status);
            if (fault != null) {
                return without(cell, Verdict.valueOf(status.name()), fault);
            }
        }
        if (measured.base.isEmpty()) {
            return without(cell, Verdict.INCONCLUSIVE, "not measured");
        }
        return judge.paired(cell.key(), measured.head.get(0).metric(), measured.baseValues(), measured.headValues());
    }

    private static CellComparison without(ComparedCell cell, Verdict verdict, String reason) {
        Result.Metric metric = new Result.Metric("ms/op", Result.Better.LOWER);
        return new CellComparison(cell.key(), metric, verdict, List.of(reason), List.of(), List.of(), null);
    }

    private static Result merged(List<Result> results, @Nullable String codeHash) {
        Result first = results.get(0);
        Result worst = results.stream()
                .filter(result -> result.status() != Status.OK)
                .findFirst()
                .orElse(first);
        List<List<Double>> rounds =
                results.stream().flatMap(result -> result.rounds().stream()).toList();
        return new Result(
                first.key(),
                codeHash,
                first.metric(),
                worst.status(),
                worst.reasons(),
                worst.quality(),
                first.cost(),
                rounds,
                worst.status() == Status.OK ? Summary.of(rounds) : null,
                means(results.stream().map(Result::split).toList()),
                means(results.stream().map(Result::counters).toList()));
    }

    private static Map<String, Double> means(List<Map<String, Double>> maps) {
        Map<String, Double> means = new LinkedHashMap<>();
        maps.get(0)
                .keySet()
                .forEach(name -> means.put(
                        name,
                        IntStream.range(0, maps.size())
                                .mapToDouble(i -> maps.get(i).getOrDefault(name, 0.0))
                                .average()
                                .orElse(0)));
        return means;
    }
}
