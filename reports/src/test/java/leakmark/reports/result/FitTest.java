package leakmark.reports.result;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import leakmark.reports.Samples;
import leakmark.reports.result.Result.Better;
import leakmark.reports.result.Result.Metric;
import leakmark.reports.result.Result.Status;
import leakmark.reports.statistics.ScalingFit.Exponent;
import org.junit.jupiter.api.Test;

/** Cells whose times are a known power law. */
class FitTest {
    private static Result cell(
            String benchmark, Map<String, String> params, Map<String, Double> counters, double milliseconds) {
        List<List<Double>> rounds = List.of(List.of(milliseconds));
        return new Result(
                new Result.Key(benchmark, "vector", params),
                null,
                new Metric("ms/op", Better.LOWER),
                Status.OK,
                List.of(),
                Map.of(),
                null,
                rounds,
                Summary.of(rounds),
                Map.of(),
                counters);
    }

    private static Map<String, Double> values(Fit fit) {
        return fit.exponents().stream()
                .collect(Collectors.toMap(Exponent::axis, exponent -> Math.round(1e6 * exponent.value()) / 1e6));
    }

    /** time = 3·d^1.5·V^0.5 at one rank, d^2·V at the other; rank is no axis. */
    @Test
    void cellsThatDifferInAxesOnlyAreFittedTogether() {
        List<Result> cells = new ArrayList<>();
        for (int hiddenSize : new int[] {64, 192, 768}) {
            for (int vocabularySize : new int[] {1000, 50257}) {
                for (int rank : new int[] {50, 200}) {
                    Map<String, String> params = new LinkedHashMap<>();
                    params.put("rank", "" + rank);
                    params.put(Result.HIDDEN_SIZE, "" + hiddenSize);
                    params.put(Result.VOCABULARY_SIZE, "" + vocabularySize);
                    cells.add(cell(
                            "Sweep.all",
                            params,
                            Map.of(),
                            rank == 50
                                    ? 3 * Math.pow(hiddenSize, 1.5) * Math.sqrt(vocabularySize)
                                    : (double) hiddenSize * hiddenSize * vocabularySize));
                }
            }
        }
        List<Fit> fits = Fit.of(cells);
        assertEquals(2, fits.size());
        assertEquals(Map.of("rank", "50"), fits.get(0).params());
        assertEquals(6, fits.get(0).cells());
        assertEquals(Map.of(Result.HIDDEN_SIZE, 1.5, Result.VOCABULARY_SIZE, 0.5), values(fits.get(0)));
        assertEquals(Map.of(Result.HIDDEN_SIZE, 2.0, Result.VOCABULARY_SIZE, 1.0), values(fits.get(1)));
    }

    /** Where models stand for widths, counters say them: time = d^1.25·B over three models. */
    @Test
    void modelsAreFittedByTheirWidths() {
        List<Result> cells = new ArrayList<>();
        for (int hiddenSize : new int[] {64, 256, 768}) {
            for (int batchSize : new int[] {1, 4, 16}) {
                cells.add(cell(
                        "Attack.run",
                        Map.of("model", "of " + hiddenSize, Result.BATCH_SIZE, "" + batchSize),
                        Map.of(Result.HIDDEN_SIZE, (double) hiddenSize),
                        Math.pow(hiddenSize, 1.25) * batchSize));
            }
        }
        List<Fit> fits = Fit.of(cells);
        // Three cells of each model are too few; all nine are enough.
        assertEquals(List.of(3, 3, 3, 9), fits.stream().map(Fit::cells).toList());
        assertEquals("not enough cells: 3 of 5", fits.get(0).reason());
        assertEquals(Map.of(Result.HIDDEN_SIZE, 1.25, Result.BATCH_SIZE, 1.0), values(fits.get(3)));
    }

    @Test
    void cellsWithoutATimeOrWithoutAnAxisHaveNoFit() {
        assertEquals(List.of(), Samples.singleCell().fits());
        assertEquals(List.of(), Samples.empty().fits());
        List<Fit> sweep = Samples.sweep().fits();
        assertEquals(
                List.of("vector", "published"), sweep.stream().map(Fit::variant).toList());
        // One of twelve cells is withheld; the published algorithm has a time in eight.
        assertEquals(List.of(11, 8), sweep.stream().map(Fit::cells).toList());
    }
}
