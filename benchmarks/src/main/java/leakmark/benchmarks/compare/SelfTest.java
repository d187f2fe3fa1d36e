package leakmark.benchmarks.compare;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import leakmark.benchmarks.compare.Forks.Fork;
import leakmark.reports.compare.ForkValue;
import leakmark.reports.compare.Judge;
import leakmark.reports.result.CellComparison;
import leakmark.reports.result.CellComparison.Estimate;
import leakmark.reports.result.CellComparison.Verdict;
import leakmark.reports.result.Result;
import leakmark.reports.result.Result.Status;
import leakmark.reports.result.SideComparison;
import leakmark.reports.result.SideComparison.Method;
import org.jspecify.annotations.Nullable;

/**
 * The instrument measured by itself: the same code on both sides must come out the same, a slow-down of 10 % must be found,
 * and one of 5 % must not be called the same.
 */
final class SelfTest {
    static final String BENCHMARK = "leakmark.benchmarks.jmh.SelfTestBenchmark.residuals";
    private static final String AXIS = "percentSlower";

    /** Forks of a round: plain code, plain code again, 5 % and 10 % slower. */
    private static final List<String> SLOWER = List.of("0", "0", "5", "10");

    static final int FORKS_A_ROUND = SLOWER.size();

    /** Share of repetitions that must find 10 %. */
    private static final double CAUGHT = 0.95;

    /** Share of comparisons of the same code that may be called different before the tolerance. */
    private static final double FALSE_POSITIVES = 0.05;

    /** Fewest repetitions in which one such comparison may be chance: at {@link Judge#DIFFERENT}, one run in thirty. */
    private static final int ENOUGH_FOR_CHANCE = 3;

    /** Level of what else is printed: 95 % intervals that leave out 1. */
    private static final double USUAL_LEVEL = 0.05;

    /** Part of the tolerance by which the same code may differ over all rounds. */
    private static final double BIAS = 1.0 / 3;

    private static final int MOST_WAYS = 4096;
    private static final int MOST_BITS = 20;

    /** Odd, 2³² over the golden ratio: multiples of it have their high bits evenly spread. */
    private static final int SPREAD = 0x9E3779B1;

    private final Program program;
    private final Judge judge;
    private final List<SideComparison> repetitions = new ArrayList<>();

    SelfTest(Program program, Judge judge) {
        this.program = program;
        this.judge = judge;
    }

    /**
     * One repetition.
     *
     * @param rounds rounds
     * @param enough asked after each round from the sixth on; true ends the repetition
     * @return why it failed; null if it did not
     */
    @Nullable
    String repeat(int rounds, Forks forks, Runnable step, BooleanSupplier enough) {
        List<List<Double>> times = new ArrayList<>();
        SLOWER.forEach(name -> times.add(new ArrayList<>()));
        Result.Metric metric = new Result.Metric("ms/op", Result.Better.LOWER);
        for (int round = 0; round < rounds; round++) {
            if (round >= Judge.LEAST_ROUNDS && enough.getAsBoolean()) {
                break;
            }
            List<Integer> order = IntStream.range(0, FORKS_A_ROUND).boxed().collect(Collectors.toList());
            if (round % 2 == 1) {
                // Each round backwards after one forwards, as ABBA does with two sides.
                Collections.reverse(order);
            }
            List<Result> results = forks.run(
                    order.stream()
                            .map(which -> new Fork(program, cell(SLOWER.get(which))))
                            .toList(),
                    false);
            for (Result result : results) {
                step.run();
                if (result.status() != Status.OK) {
                    return String.join("; ", result.reasons());
                }
            }
            int plain = order.indexOf(0);
            metric = results.get(plain).metric();
            List<Double> base = results.get(plain).rounds().get(0);
            double value = ForkValue.of(base, metric.better());
            times.get(0).add(value);
            for (int which = 1; which < FORKS_A_ROUND; which++) {
                int turn = order.indexOf(which);
                double ratio = ForkValue.ratio(
                        base, results.get(turn).rounds().get(0), (double) (turn - plain) / FORKS_A_ROUND);
                times.get(which).add(value * ratio);
            }
        }
        List<CellComparison> cells = new ArrayList<>();
        for (int which = 1; which < FORKS_A_ROUND; which++) {
            cells.add(judge.paired(cell(SLOWER.get(which)).key(), metric, times.get(0), times.get(which)));
        }
        repetitions.add(new SideComparison(
                new SideComparison.Side("plain", null, program.side().codeHash()),
                new SideComparison.Side(
                        "plain, 5 % and 10 % slower", null, program.side().codeHash()),
                Method.PAIRED,
                judge.tolerance(),
                null,
                Judge.together(cells)));
        return null;
    }

    private ComparedCell cell(String slower) {
        Map<String, String> params = new LinkedHashMap<>();
        params.put("provider", "scalar");
        params.put(AXIS, slower);
        return new ComparedCell(BENCHMARK, params);
    }

    List<SideComparison> repetitions() {
        return List.copyOf(repetitions);
    }

    private List<CellComparison> cells(int index) {
        return repetitions.stream()
                .map(repetition -> repetition.cells().get(index))
                .toList();
    }

    private static long count(List<CellComparison> cells, Verdict... verdicts) {
        return cells.stream()
                .filter(cell -> List.of(verdicts).contains(cell.verdict()))
                .count();
    }

    /** What does not hold, one line each; empty if the instrument can be trusted on this machine. */
    List<String> faults() {
        List<String> faults = new ArrayList<>();
        int n = repetitions.size();
        long beyond = count(cells(0), Verdict.REGRESSED, Verdict.IMPROVED);
        if (beyond > 0) {
            faults.add("the same code was called different in " + beyond + " of " + n);
        }
        long caught = count(cells(2), Verdict.REGRESSED);
        if (caught < CAUGHT * n) {
            faults.add("10 % slower was found in " + caught + " of " + n + " only: this machine is too noisy for "
                    + repetitions.get(0).cells().get(2).base().size() + " rounds");
        }
        long missed = count(cells(1), Verdict.SAME, Verdict.IMPROVED);
        if (missed > 0) {
            faults.add("5 % slower was called the same or faster in " + missed + " of " + n);
        }
        long different = different(Judge.DIFFERENT);
        if (different > Math.max(n < ENOUGH_FOR_CHANCE ? 0 : 1, FALSE_POSITIVES * n)) {
            faults.add("the same code was called different before the tolerance in " + different + " of " + n);
        }
        Estimate all = estimate(overall());
        if (all.pDifferent() <= Judge.DIFFERENT && Math.abs(all.ratio() - 1) > BIAS * judge.tolerance()) {
            faults.add(String.format(
                    Locale.ROOT, "the same code differed by %+.1f %% over all rounds", 100 * (all.ratio() - 1)));
        }
        return faults;
    }

    /** All rounds of the same code as one comparison: what the instrument itself adds to one side. */
    private CellComparison overall() {
        CellComparison first = cells(0).get(0);
        return judge.paired(
                first.key(),
                first.metric(),
                cells(0).stream().flatMap(cell -> cell.base().stream()).toList(),
                cells(0).stream().flatMap(cell -> cell.head().stream()).toList());
    }

    /** Of cells with rounds enough, all have one. */
    private static Estimate estimate(CellComparison cell) {
        return Objects.requireNonNull(cell.estimate());
    }

    /** Comparisons of the same code whose p of no difference, without any tolerance, is at most this. */
    private long different(double level) {
        return cells(0).stream()
                .filter(cell -> estimate(cell).pDifferent() <= level)
                .count();
    }

    /** Everything measured, and whether it holds, in one line. */
    String outcome() {
        List<String> faults = faults();
        return (faults.isEmpty() ? "holds" : "does not hold: " + String.join("; ", faults)) + ". "
                + summary().replaceAll(" *\n *", ". ").replaceAll(" {2,}", ": ");
    }

    /** Everything measured, for people. */
    String summary() {
        int n = repetitions.size();
        int rounds = cells(0).get(0).base().size();
        List<CellComparison> five = cells(1);
        List<CellComparison> ten = cells(2);
        FalsePositives swapped = swapped();
        Estimate all = estimate(overall());
        return String.join(
                "\n",
                String.format(
                        Locale.ROOT,
                        "%d repetitions of %d rounds, tolerance ±%.1f %%",
                        n,
                        rounds,
                        100 * judge.tolerance()),
                String.format(
                        Locale.ROOT,
                        "same code         called different in %d of %d before the tolerance, %d beyond it",
                        different(Judge.DIFFERENT),
                        n,
                        count(cells(0), Verdict.REGRESSED, Verdict.IMPROVED)),
                String.format(
                        Locale.ROOT,
                        "  95 %% intervals  %d leave out 0 %%; over all rounds %+.2f %% (%+.2f to %+.2f)",
                        different(USUAL_LEVEL),
                        100 * (all.ratio() - 1),
                        100 * (all.low() - 1),
                        100 * (all.high() - 1)),
                String.format(
                        Locale.ROOT,
                        "  sides swapped   in %d ways: %.1f %% different before the tolerance, %.1f %% beyond it; %.1f %% of 95 %%"
                                + " intervals leave out 0 %%",
                        swapped.ways(),
                        100 * swapped.different(),
                        100 * swapped.beyond(),
                        100 * swapped.leftOut()),
                String.format(
                        Locale.ROOT,
                        "10 %% slower       found in %d of %d; measured %s",
                        count(ten, Verdict.REGRESSED),
                        n,
                        estimates(ten)),
                String.format(
                        Locale.ROOT,
                        "5 %% slower        found in %d of %d, inconclusive in %d; measured %s%s",
                        count(five, Verdict.REGRESSED),
                        n,
                        count(five, Verdict.INCONCLUSIVE),
                        estimates(five),
                        needed(five).isEmpty() ? "" : "; rounds needed " + needed(five)),
                String.format(
                        Locale.ROOT,
                        "detectable        %s with %d rounds, four times of five",
                        detectable(cells(0)),
                        rounds));
    }

    /**
     * How often the same code is called different.
     *
     * @param different share called different before the tolerance
     * @param leftOut share of 95 % intervals that leave out 0 %
     * @param beyond share called different beyond the tolerance
     * @param ways comparisons
     */
    private record FalsePositives(double different, double leftOut, double beyond, int ways) {}

    /** By this machine's own noise: rounds of the same code with their sides swapped in every way, or some thousand of them. */
    private FalsePositives swapped() {
        int different = 0;
        int leftOut = 0;
        int beyond = 0;
        int all = 0;
        for (CellComparison cell : cells(0)) {
            int rounds = cell.base().size();
            int bits = Math.min(MOST_BITS, rounds);
            int ways = Math.min(1 << bits, Math.max(64, MOST_WAYS / repetitions.size()));
            for (int way = 0; way < ways; way++) {
                // Where there are more ways than are tried, those tried are spread over all rounds.
                int swap = ways == 1 << bits ? way : (way * SPREAD) >>> (32 - bits);
                List<Double> base = new ArrayList<>();
                List<Double> head = new ArrayList<>();
                for (int i = 0; i < rounds; i++) {
                    boolean turned = i < bits && ((swap >> i) & 1) == 1;
                    base.add(turned ? cell.head().get(i) : cell.base().get(i));
                    head.add(turned ? cell.base().get(i) : cell.head().get(i));
                }
                CellComparison judged = judge.paired(cell.key(), cell.metric(), base, head);
                double p = estimate(judged).pDifferent();
                different += p <= Judge.DIFFERENT ? 1 : 0;
                leftOut += p <= USUAL_LEVEL ? 1 : 0;
                beyond += judged.verdict() == Verdict.REGRESSED || judged.verdict() == Verdict.IMPROVED ? 1 : 0;
                all++;
            }
        }
        return new FalsePositives((double) different / all, (double) leftOut / all, (double) beyond / all, all);
    }

    private static String estimates(List<CellComparison> cells) {
        double low = Double.POSITIVE_INFINITY;
        double high = 0;
        for (CellComparison cell : cells) {
            double ratio = estimate(cell).ratio();
            low = Math.min(low, ratio);
            high = Math.max(high, ratio);
        }
        return cells.size() == 1
                ? String.format(Locale.ROOT, "%+.1f %%", 100 * (low - 1))
                : String.format(Locale.ROOT, "%+.1f to %+.1f %%", 100 * (low - 1), 100 * (high - 1));
    }

    /** Of the inconclusive ones, fewest first. */
    private static String needed(List<CellComparison> cells) {
        return cells.stream()
                .filter(cell -> cell.verdict() == Verdict.INCONCLUSIVE)
                .map(cell -> estimate(cell).roundsNeeded())
                .sorted(Comparator.nullsLast(Comparator.naturalOrder()))
                .map(rounds -> rounds == null ? Judge.MORE_THAN_ANYONE_MEASURES : rounds.toString())
                .distinct()
                .collect(Collectors.joining(", "));
    }

    private static String detectable(List<CellComparison> cells) {
        return String.format(
                Locale.ROOT,
                "%.1f %%",
                100
                        * cells.stream()
                                .mapToDouble(cell ->
                                        Objects.requireNonNull(estimate(cell).detectable()))
                                .max()
                                .orElse(Double.NaN));
    }
}
