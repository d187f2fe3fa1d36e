package leakmark.reports.html;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import leakmark.reports.Samples;
import leakmark.reports.result.Evidence;
import leakmark.reports.result.Prediction;
import leakmark.reports.result.Result;
import leakmark.reports.result.Result.Cost;
import leakmark.reports.result.ResultFile;
import leakmark.reports.result.Roof;
import leakmark.reports.result.Summary;
import org.junit.jupiter.api.Test;

class CostPagesTest {
    private static final List<Roof> ROOFS =
            List.of(new Roof("copy", 2, 10, "GB/s"), new Roof("fused multiply-add", 2, 100, "GFLOP/s"));

    private static Result cell(String variant, int hiddenSize, int vocabularySize, double milliseconds, Cost cost) {
        List<List<Double>> rounds = List.of(List.of(milliseconds));
        return new Result(
                new Result.Key(
                        "Sweep.all",
                        variant,
                        Map.of("hiddenSize", "" + hiddenSize, "vocabularySize", "" + vocabularySize)),
                "c0de",
                new Result.Metric("ms/op", Result.Better.LOWER),
                Result.Status.OK,
                List.of(),
                Map.of(),
                cost,
                rounds,
                Summary.of(rounds),
                Map.of(),
                Map.of());
    }

    /** 1e9 FLOPs take 10 ms at 100 GFLOP/s, 1e9 bytes 100 ms at 10 GB/s: the longer counts. */
    @Test
    void aCellIsMeasuredOverLeastTime() {
        List<CostMap> maps = CostMap.of(
                List.of(
                        cell("vector", 64, 1000, 15, new Cost(1e9, 1e6)),
                        cell("vector", 64, 8000, 500, new Cost(1e9, 1e9)),
                        cell("vector", 768, 1000, 50, new Cost(1e9, 1e9)),
                        cell("vector", 768, 8000, 2000, new Cost(1e9, 1e9))),
                ROOFS);
        assertEquals(1, maps.size());
        HeatMap map = maps.get(0).map();
        assertEquals(List.of("1000", "8000"), map.columns());
        List<String> texts = new ArrayList<>();
        List<String> styles = new ArrayList<>();
        map.rows()
                .forEach(row -> row.cells().forEach(cell -> {
                    texts.add(cell.text());
                    styles.add(cell.style());
                }));
        assertEquals(List.of("1.50 ×", "5.00 ×", "0.500 ×", "20.0 ×"), texts);
        assertEquals(List.of("", "over1", "under1", "over2"), styles);
    }

    private static ResultFile predicted(double... there) {
        List<Result> cells = new ArrayList<>();
        List<Prediction> predictions = new ArrayList<>();
        for (int i = 0; i < there.length; i++) {
            double work = Math.pow(100, i) * 1e7;
            // Here 1 ms, 100 ms, 10 s.
            Result here = cell("vector", 64, 1000 * (i + 1), Math.pow(100, i), new Cost(work, 0));
            cells.add(here);
            predictions.add(new Prediction(here.key(), "Card", there[i], "a data sheet"));
        }
        ResultFile sample = Samples.empty();
        return new ResultFile(sample.run(), sample.machine(), ROOFS, cells, List.of())
                .with(new Evidence(List.of(), List.of(), List.of(), predictions));
    }

    /** 10 ms there: ten times slower at 0.01 GFLOP and ten times faster at 1, so in their geometric middle, 0.1, as fast. */
    @Test
    void timesCrossBetweenTheirNeighbours() {
        String html = HtmlReport.render(predicted(0.01, 0.01, 0.01));
        assertTrue(html.contains("Card, PREDICTED: overtakes at 0.100 GFLOP a call, "), html);
        assertTrue(html.contains("times as fast at the largest."), html);
        assertTrue(html.contains("nobody measured them"));
        assertTrue(HtmlReport.render(predicted(1e-6, 1e-5, 1e-4)).contains("PREDICTED: faster at every size measured"));
        assertTrue(HtmlReport.render(predicted(1, 10, 100)).contains("PREDICTED: not faster at the largest size"));
    }

    @Test
    void aMeasuredGpuIsCalledSo() {
        ResultFile file = predicted(0.01, 0.01);
        List<Result> all = new ArrayList<>(file.results());
        all.add(cell("cuda", 64, 1000, 2, new Cost(1e7, 0, 1)));
        all.add(cell("cuda", 64, 2000, 3, new Cost(1e9, 0, 1)));
        String html = HtmlReport.render(new ResultFile(file.run(), file.machine(), ROOFS, all, List.of()));
        assertTrue(html.contains("GPU, measured: overtakes at "), html);
        assertTrue(!html.contains("Card, PREDICTED"), "no prediction was in the file");
    }
}
