package leakmark.benchmarks.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import leakmark.benchmarks.cli.ExitCode;
import leakmark.reports.compare.Judge;
import leakmark.reports.result.CellComparison;
import leakmark.reports.result.CellComparison.Verdict;
import leakmark.reports.result.Result;
import leakmark.reports.result.Result.Status;
import leakmark.reports.result.SideComparison;
import leakmark.reports.result.Summary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rounds over forks that need no JVM: their times are known. */
class RoundsTest {
    private static final Judge JUDGE = new Judge(0.03);
    private static final Program.Benchmark BENCHMARK =
            new Program.Benchmark(false, Map.of("rank", List.of("50", "200")));
    private static final ComparedCell ONE = new ComparedCell("p.A.run", Map.of("rank", "50"));
    private static final ComparedCell TWO = new ComparedCell("p.B.run", Map.of("rank", "50"));

    private static Program program(String name, String... benchmarks) {
        return new Program(
                new SideComparison.Side(name, null, "hash of " + name),
                Path.of(name + ".jar"),
                List.of(benchmarks).stream().collect(Collectors.toMap(benchmark -> benchmark, benchmark -> BENCHMARK)));
    }

    private final Program base = program("base", "p.A.run", "p.B.run");
    private final Program head = program("head", "p.A.run", "p.B.run");
    private final List<String> order = new ArrayList<>();
    private final Random random = new Random(3);

    static Result result(ComparedCell cell, double time) {
        List<List<Double>> rounds = List.of(List.of(time, time * 5, time * 0.9));
        return new Result(
                cell.key(),
                null,
                new Result.Metric("ms/op", Result.Better.LOWER),
                Status.OK,
                List.of(),
                Map.of(),
                null,
                rounds,
                Summary.of(rounds),
                Map.of(),
                Map.of());
    }

    /** Head takes this much of base's time on the first cell; noise of 1 %. */
    private Forks forks(double factor) {
        return each((side, cell) -> {
            order.add(side.side().name().charAt(0) + cell.benchmark().substring(2, 3));
            double time = 10 * Math.exp(0.01 * random.nextGaussian());
            return result(cell, side.equals(head) && cell.equals(ONE) ? time * factor : time);
        });
    }

    /** A fork's result, whatever runs beside it. */
    private static Forks each(BiFunction<Program, ComparedCell, Result> fork) {
        return (forks, rehearsal) ->
                forks.stream().map(f -> fork.apply(f.side(), f.cell())).toList();
    }

    private Rounds measured(Forks forks, int rounds) {
        Rounds measured = new Rounds(base, head, List.of(ONE, TWO), JUDGE);
        for (int round = 0; round < rounds; round++) {
            assertTrue(measured.round(round, measured.open(), true, forks, () -> {}, result -> true));
        }
        return measured;
    }

    @Test
    void sidesAlternateAndBaseIsItsOwnControl() {
        SideComparison comparison = measured(forks(1), 2).comparison();
        assertEquals(List.of("bA", "hA", "bA", "bB", "hB", "hA", "bA", "bA", "hB", "bB"), order);
        assertEquals(2, Objects.requireNonNull(comparison.control()).base().size());
    }

    @ParameterizedTest
    @CsvSource({"1.0, SAME, FINE", "1.1, REGRESSED, REGRESSION", "0.8, IMPROVED, FINE"})
    void verdictAndExitCode(double factor, Verdict expected, ExitCode code) {
        SideComparison comparison = measured(forks(factor), 10).comparison();
        assertEquals(expected, comparison.cells().get(0).verdict());
        assertEquals(Verdict.SAME, comparison.cells().get(1).verdict());
        assertEquals(Verdict.SAME, Objects.requireNonNull(comparison.control()).verdict());
        assertEquals(code, new VerdictOptions().exitCode(comparison));
        // The fastest, not the mean that one disturbed iteration moves.
        assertEquals(9, comparison.cells().get(1).base().get(0), 0.45);
    }

    @Test
    void aFlaggedCellIsMeasuredAgain() {
        Rounds first = measured(forks(1.1), 10);
        assertEquals(List.of(ONE), first.flagged());
        first.confirm(again(first, 1.0));
        assertEquals(Verdict.INCONCLUSIVE, first.comparison().cells().get(0).verdict());
        assertEquals(ExitCode.FINE, new VerdictOptions().exitCode(first.comparison()));
        first.confirm(again(first, 1.1));
        assertEquals(Verdict.REGRESSED, first.comparison().cells().get(0).verdict());
        assertEquals(ExitCode.REGRESSION, new VerdictOptions().exitCode(first.comparison()));
    }

    private Rounds again(Rounds first, double factor) {
        Rounds second = new Rounds(base, head, first.flagged(), JUDGE);
        for (int round = 0; round < 10; round++) {
            second.round(round, first.flagged(), false, forks(factor), () -> {}, result -> true);
        }
        return second;
    }

    @Test
    void aGateComesBeforeSpeed() {
        Forks forks = each((side, cell) -> {
            Result fine = result(cell, side.equals(head) ? 30 : 10);
            return side.equals(head) && cell.equals(TWO)
                    ? fine.without(Status.WITHHELD, List.of("3 of 8 sequences exact"))
                    : fine;
        });
        SideComparison comparison = measured(forks, 6).comparison();
        CellComparison withheld = comparison.cells().get(1);
        assertEquals(Verdict.WITHHELD, withheld.verdict());
        assertEquals(List.of("head: 3 of 8 sequences exact"), withheld.reasons());
        assertEquals(null, withheld.estimate());
        assertEquals(ExitCode.GATE_FAILED, new VerdictOptions().exitCode(comparison));
        assertEquals(Status.WITHHELD, measured(forks, 6).headResults().get(1).status());
    }

    @Test
    void aBaseThatDiffersFromItselfIsNoVerdict() {
        int[] calls = {0};
        Forks forks = each((side, cell) -> {
            calls[0] += side.equals(base) && cell.equals(ONE) ? 1 : 0;
            boolean second = side.equals(base) && cell.equals(ONE) && calls[0] % 2 == 0;
            return result(cell, (second ? 12 : 10) * Math.exp(0.001 * random.nextGaussian()));
        });
        Rounds measured = new Rounds(base, head, List.of(ONE), JUDGE);
        for (int round = 0; round < 6; round++) {
            measured.round(round, measured.open(), true, forks, () -> {}, result -> true);
        }
        assertEquals(
                Verdict.REGRESSED,
                Objects.requireNonNull(measured.comparison().control()).verdict());
        assertEquals(ExitCode.UNFIT, new VerdictOptions().exitCode(measured.comparison()));
    }

    @Test
    void whatOnlyOneSideHasIsNotApplicable() {
        Program older = program("older", "p.A.run");
        Rounds measured = new Rounds(older, head, List.of(ONE, TWO), JUDGE);
        assertEquals(List.of(ONE), measured.open());
        CellComparison cell = measured.comparison().cells().get(1);
        assertEquals(Verdict.NOT_APPLICABLE, cell.verdict());
        assertEquals(List.of("base has no such benchmark"), cell.reasons());
        Rounds none = new Rounds(older, head, List.of(TWO), JUDGE);
        assertFalse(none.hasControl());
        assertEquals(ExitCode.UNFIT, new VerdictOptions().exitCode(none.comparison()));
    }

    @Test
    void whatCannotRunIsFoundBeforeTheRounds() {
        Forks forks = each((side, cell) -> {
            Result fine = result(cell, 10);
            return side.equals(head) && cell.equals(TWO) ? fine.without(Status.ERROR, List.of("ranks 3 for 4")) : fine;
        });
        Rounds measured = new Rounds(base, head, List.of(ONE, TWO), JUDGE);
        measured.rehearse(forks, () -> {}, result -> true);
        assertEquals(List.of(ONE), measured.open());
        assertEquals(
                List.of("head: ranks 3 for 4"),
                measured.comparison().cells().get(1).reasons());
        assertEquals(Verdict.ERROR, measured.comparison().cells().get(1).verdict());
    }

    @Test
    void anInterruptedRoundIsNotKept() {
        Rounds measured = measured(forks(1), 3);
        int before = order.size();
        assertFalse(measured.round(3, measured.open(), true, forks(1), () -> {}, result -> order.size() < before + 4));
        assertEquals(3, measured.comparison().cells().get(0).base().size());
        assertEquals(3, measured.comparison().cells().get(1).base().size());
    }

    @Test
    void equalCodeIsTheSame() {
        SideComparison comparison = EqualCode.same(measured(forks(1.3), 10).comparison());
        assertEquals(Verdict.SAME, comparison.cells().get(0).verdict());
        assertEquals(ExitCode.FINE, new VerdictOptions().exitCode(comparison));
    }

    @Test
    void theSelfTestKnowsAGoodInstrumentFromABadOne() {
        Program program = program("self", SelfTest.BENCHMARK);
        SelfTest good = new SelfTest(program, JUDGE);
        SelfTest blind = new SelfTest(program, JUDGE);
        SelfTest loud = new SelfTest(program, JUDGE);
        for (int repetition = 0; repetition < 20; repetition++) {
            assertEquals(null, good.repeat(10, injected(0.01, 1), () -> {}, () -> false));
            assertEquals(null, blind.repeat(10, injected(0.01, 0), () -> {}, () -> false));
            assertEquals(null, loud.repeat(10, injected(0.15, 1), () -> {}, () -> false));
        }
        assertEquals(List.of(), good.faults());
        assertTrue(good.summary().contains("10 % slower       found in 20 of 20"), good.summary());
        assertTrue(
                blind.faults().toString().contains("5 % slower was called the same"),
                blind.faults().toString());
        assertTrue(
                loud.faults().toString().contains("too noisy for 10 rounds"),
                loud.faults().toString());
        SelfTest biased = new SelfTest(program, JUDGE);
        for (int repetition = 0; repetition < 20; repetition++) {
            assertEquals(null, biased.repeat(10, firstIsSlower(0.02), () -> {}, () -> false));
        }
        assertTrue(
                biased.faults().toString().contains("% over all rounds"),
                biased.faults().toString());
        SelfTest hurried = new SelfTest(program, JUDGE);
        assertEquals(null, hurried.repeat(10, injected(0.01, 1), () -> {}, () -> true));
        assertEquals(6, hurried.repetitions().get(0).cells().get(0).base().size());
    }

    /** Whoever is at the beginning of a round forwards and at the end of one backwards takes longer by this part. */
    private Forks firstIsSlower(double part) {
        Forks fair = injected(0.05, 1);
        return (forks, rehearsal) -> {
            List<Result> results = new ArrayList<>(fair.run(forks, rehearsal));
            int first = "0".equals(forks.get(0).cell().params().get("percentSlower")) ? 0 : forks.size() - 1;
            results.set(
                    first,
                    result(
                            forks.get(first).cell(),
                            results.get(first).rounds().get(0).get(0) * (1 + part)));
            return results;
        };
    }

    /** A machine that gives this part of the injected slow-down. */
    private Forks injected(double noise, double part) {
        return each((side, cell) -> {
            double slower = Double.parseDouble(cell.params().getOrDefault("percentSlower", "0")) / 100;
            return result(cell, 3 * (1 + part * slower) * Math.exp(noise * random.nextGaussian()));
        });
    }
}
