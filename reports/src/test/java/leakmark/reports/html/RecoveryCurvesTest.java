package leakmark.reports.html;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import leakmark.reports.Samples;
import leakmark.reports.result.Result;
import leakmark.reports.result.ResultFile;
import org.junit.jupiter.api.Test;

class RecoveryCurvesTest {
    private static Result cell(String variant, int batchSize, int sequenceLength, String std, int exact) {
        Result plain = Samples.reconstruction(
                variant, batchSize, sequenceLength, exact, List.of(List.of(100.0 * batchSize)), Map.of());
        Map<String, String> params = new LinkedHashMap<>(plain.key().params());
        params.put("weightStd", std);
        return new Result(
                new Result.Key("EncoderRecovery.attack", variant, params),
                null,
                plain.metric(),
                plain.status(),
                plain.reasons(),
                plain.quality(),
                null,
                plain.rounds(),
                plain.summary(),
                Map.of(),
                Map.of());
    }

    /** 2 batch sizes × 2 strengths of ours, one without a score, and the published search at the smaller size. */
    static List<Result> study() {
        List<Result> results = new ArrayList<>();
        for (String std : List.of("0.02", "0.05")) {
            results.add(cell("vector", 4, 16, std, 4));
            results.add(cell("vector", 8, 16, std, std.equals("0.02") ? 8 : 4));
            results.add(cell(Result.Key.PUBLISHED, 4, 16, std, 1));
        }
        results.set(3, results.get(3).without(Result.Status.WITHHELD, List.of("below the gate")));
        return results;
    }

    @Test
    void drawsRecoveryAgainstWhatVariesAndTimeAgainstStrength() {
        List<Chart> charts = RecoveryCurves.of(study());
        assertEquals(
                List.of(
                        "Exact sequences against batchSize",
                        "Exact sequences against weightStd",
                        "Time against weightStd"),
                charts.stream().map(Chart::title).toList());
        Chart strength = charts.get(1);
        // Published below, then 4 × 16 and 8 × 16; recovery of the cell without a score is drawn, its time is not.
        assertEquals(3, strength.lines().size());
        assertTrue(strength.lines().get(0).published());
        assertEquals(
                List.of(false, false),
                strength.lines().get(0).marks().stream().map(Chart.Mark::exact).toList());
        Chart.Line eight = strength.lines().get(2);
        assertEquals("8, 16", eight.label());
        assertEquals(Format.pixel(Chart.TOP), eight.marks().get(0).y());
        assertEquals(
                Format.pixel((Chart.TOP + Chart.BOTTOM) / 2.0),
                eight.marks().get(1).y());
        assertEquals(
                List.of("0.02", "0.05"),
                strength.across().stream().map(Chart.Tick::label).toList());
        assertEquals(2, charts.get(2).lines().size());
    }

    @Test
    void aSweepOfOneStrengthHasNoCurve() {
        assertEquals(List.of(), RecoveryCurves.of(Samples.sweep().results()));
        assertEquals(List.of(), RecoveryCurves.of(study().subList(0, 3)));
    }

    @Test
    void theReportHasASectionForIt() {
        ResultFile sample = Samples.singleCell();
        String html = HtmlReport.render(new ResultFile(sample.run(), sample.machine(), List.of(), study(), List.of()));
        assertTrue(html.contains("<section id=\"recovery\"") && html.contains("href=\"#recovery\""));
        assertTrue(!HtmlReport.render(sample).contains("id=\"recovery\""));
    }
}
