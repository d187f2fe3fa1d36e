package leakmark.reports.html;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import leakmark.reports.Samples;
import leakmark.reports.html.Protections.Row;
import leakmark.reports.result.Result;
import org.junit.jupiter.api.Test;

class ProtectionsTest {
    private static final Protections PROTECTIONS =
            Protections.of(Samples.protections().results());

    @Test
    void bothAttackersStandSideBySide() {
        assertEquals(
                List.of("none", "gaussian:1.0E-5", "gaussian:1.0E-4", "gaussian:5.0E-4", "mask:0.3"),
                PROTECTIONS.defences().stream().map(Row::name).toList());
        Row row = PROTECTIONS.defences().get(2);
        assertEquals("10 %", row.leaked(row.unaware(), Result.ROUGE_1));
        assertEquals("80 %", row.leaked(row.aware(), Result.ROUGE_1));
        assertEquals("3/4", row.exact(row.aware()));
    }

    @Test
    void whatDoesNotApplyHasNoNumber() {
        Row row = PROTECTIONS.settings().get(1);
        assertEquals("lora:64:zero", row.name());
        assertEquals(Format.NONE, row.exact(row.aware()));
        assertEquals(Format.NONE, row.leaked(row.unaware(), Result.ROUGE_1));
        assertTrue(HtmlReport.render(Samples.protections()).contains("NOT_APPLICABLE"));
    }

    /** The one defence of several strengths; more leakage stands higher, more noise further right. */
    @Test
    void strengthsMakeACurve() {
        assertEquals(1, PROTECTIONS.curves().size());
        StrengthChart chart = PROTECTIONS.curves().get(0);
        assertEquals("dager: gaussian", chart.title());
        assertEquals(
                List.of("unaware", "aware", "accuracy", "accuracy without a defence"),
                chart.lines().stream().map(StrengthChart.Line::name).toList());
        List<Chart.Mark> aware = chart.lines().get(1).marks();
        for (int i = 1; i < aware.size(); i++) {
            assertTrue(Double.parseDouble(aware.get(i).x())
                    > Double.parseDouble(aware.get(i - 1).x()));
            assertTrue(Double.parseDouble(aware.get(i).y())
                    > Double.parseDouble(aware.get(i - 1).y()));
        }
        // 0 lies on the axis.
        assertEquals(
                Chart.BOTTOM,
                Double.parseDouble(chart.lines().get(0).marks().get(2).y()),
                0.1);
        // The undefended accuracy is the same at every strength: a level line, here at that of the defence.
        String level = chart.lines().get(2).marks().get(0).y();
        assertEquals(
                Chart.LEFT + "," + level + " " + Chart.RIGHT + "," + level,
                chart.lines().get(3).path());
    }

    /** They are no speed cells: no scaling charts, no table of all results. */
    @Test
    void theyAreNothingElse() {
        Cells cells = Cells.of(Samples.protections().results());
        assertTrue(cells.reconstructions().isEmpty());
        assertTrue(cells.inversions().isEmpty());
        assertTrue(cells.kernels().isEmpty());
        assertFalse(MarkdownReport.render(Samples.protections()).contains("recovered exactly, "));
        assertTrue(MarkdownReport.render(Samples.protections()).contains("mask:0.3"));
    }
}
