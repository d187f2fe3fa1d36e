package leakmark.reports.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import leakmark.reports.compare.ComparedFiles.Input;
import leakmark.reports.result.CellComparison;
import leakmark.reports.result.CellComparison.Verdict;
import leakmark.reports.result.Result;
import leakmark.reports.result.Result.Status;
import leakmark.reports.result.ResultFileException;
import leakmark.reports.result.Roof;
import leakmark.reports.result.SideComparison;
import leakmark.reports.result.Summary;
import org.junit.jupiter.api.Test;

class ComparedFilesTest {
    private static final double[] FORKS = {1.00, 1.01, 0.99, 1.005, 0.995};

    private static Result cell(String name, double time, double bytes) {
        List<List<Double>> rounds = DoubleStream.of(FORKS)
                .mapToObj(luck -> List.of(time * luck, 3 * time * luck, 0.9 * time * luck))
                .toList();
        return new Result(
                new Result.Key(name, "vector", Map.of()),
                null,
                JudgeTest.TIME,
                Status.OK,
                List.of(),
                Map.of(),
                bytes > 0 ? new Result.Cost(0, bytes) : null,
                rounds,
                Summary.of(rounds),
                Map.of(),
                Map.of());
    }

    private static Input input(String name, double bandwidth, Result... results) {
        return new Input(
                new SideComparison.Side(name, null, null),
                List.of(results),
                List.of(new Roof("memory bandwidth", 2, bandwidth, "GB/s")));
    }

    private static SideComparison compare(Input base, Input head, boolean acrossMachines) {
        return new ComparedFiles(new Judge(0.03)).compare(base, head, acrossMachines);
    }

    @Test
    void forksAreComparedByTheirMedians() {
        SideComparison comparison = compare(
                input("a", 10, cell("slower", 10, 0), cell("same", 10, 0), cell("gone", 10, 0)),
                input("b", 10, cell("slower", 12, 0), cell("same", 10, 0), cell("new", 10, 0)),
                false);
        List<Verdict> verdicts =
                comparison.cells().stream().map(CellComparison::verdict).toList();
        assertEquals(
                List.of(Verdict.REGRESSED, Verdict.SAME, Verdict.NOT_APPLICABLE, Verdict.NOT_APPLICABLE), verdicts);
        assertEquals(SideComparison.Method.UNPAIRED, comparison.method());
        // The median of three iterations is the first, not the disturbed second.
        assertEquals(5, comparison.cells().get(0).base().size());
        assertEquals(10.1, comparison.cells().get(0).base().get(1), 1e-12);
        assertEquals(1.2, JudgeTest.estimate(comparison.cells().get(0)).ratio(), 1e-9);
        assertTrue(comparison.cells().get(3).reasons().get(0).contains("a has no such cell"));
    }

    @Test
    void withheldAndInvalidStaySo() {
        Result good = cell("x", 10, 0);
        Input base = input("a", 10, good);
        for (Status status : List.of(Status.WITHHELD, Status.INVALID, Status.ERROR, Status.NOT_APPLICABLE)) {
            SideComparison comparison = compare(base, input("b", 10, good.without(status, List.of("because"))), false);
            assertEquals(
                    Verdict.valueOf(status.name()), comparison.cells().get(0).verdict());
            assertEquals(List.of("head: because"), comparison.cells().get(0).reasons());
        }
    }

    /** Twice the bandwidth and twice the speed is the same fraction of the roof: 10 MB in 2 ms of 10 GB/s is a half. */
    @Test
    void machinesAreComparedByTheirRoofs() {
        SideComparison comparison = compare(
                input("a", 10, cell("sweep", 2, 10e6), cell("unknown", 2, 0)),
                input("b", 20, cell("sweep", 1, 10e6), cell("unknown", 2, 0)),
                true);
        assertEquals(Verdict.SAME, comparison.cells().get(0).verdict());
        assertEquals(2.0, comparison.cells().get(0).base().get(0), 1e-9);
        assertEquals(Verdict.NOT_APPLICABLE, comparison.cells().get(1).verdict());
        SideComparison slower =
                compare(input("a", 10, cell("sweep", 2, 10e6)), input("b", 20, cell("sweep", 2, 10e6)), true);
        assertEquals(2.0, JudgeTest.estimate(slower.cells().get(0)).ratio(), 1e-9);
    }

    @Test
    void aMissingParameterIsSaid() {
        Input twice = input("a", 10, cell("x", 1, 0), cell("x", 2, 0));
        String message = String.valueOf(assertThrows(ResultFileException.class, () -> compare(twice, twice, false))
                .getMessage());
        assertTrue(message.contains("a has two results for x vector"), message);
    }
}
