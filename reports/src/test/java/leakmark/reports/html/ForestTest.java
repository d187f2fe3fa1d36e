package leakmark.reports.html;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import leakmark.reports.Samples;
import leakmark.reports.compare.Judge;
import leakmark.reports.result.CellComparison;
import leakmark.reports.result.CellComparison.Verdict;
import leakmark.reports.result.Result;
import leakmark.reports.result.ResultFile;
import leakmark.reports.result.SideComparison;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;

class ForestTest {
    private static final Result.Metric TIME = new Result.Metric("ms/op", Result.Better.LOWER);

    private static ResultFile file() {
        CellComparison absent = new CellComparison(
                new Result.Key("New.run", "<b>", Map.of()),
                TIME,
                Verdict.NOT_APPLICABLE,
                List.of("base has no such benchmark"),
                List.of(),
                List.of(),
                null);
        SideComparison comparison = new SideComparison(
                new SideComparison.Side("HEAD~1", "0123", "aaaa"),
                new SideComparison.Side("HEAD & more", "4567", "bbbb"),
                SideComparison.Method.PAIRED,
                0.03,
                Samples.compared("50", 0, 0.01),
                Judge.together(List.of(
                        Samples.compared("50", 0.12, 0.02),
                        Samples.compared("200", -0.2, 0.02),
                        Samples.compared("600", 0, 0.01),
                        Samples.compared("700", 0.05, 0.06),
                        absent)));
        return Samples.empty().with(List.of(comparison));
    }

    @Test
    void everyEstimateIsOneMark() throws IOException {
        String html = HtmlReport.render(file());
        // Four cells have an estimate, and so has the control; five rows and the control have a plot.
        assertEquals(5, count(html, "class=\"point\""));
        assertEquals(5, count(html, "class=\"whisker\""));
        assertEquals(6, count(html, "class=\"band\""));
        assertTrue(
                html.contains("<h1>HEAD &amp; more against HEAD~1: 1 slower, 1 faster, 1 same, 1 inconclusive,"
                        + " 1 not applicable.</h1>"),
                html.substring(0, 200));
        assertTrue(html.contains("<tr class=\"regressed\"><td>RowSpace.all vector rank 50</td>"));
        assertTrue(html.contains("<tr class=\"same control\"><td>base against base: RowSpace.all"));
        assertTrue(html.contains("&lt;b&gt;") && html.contains("href=\"#compare\""));
        assertFalse(HtmlReport.render(Samples.sweep()).contains("id=\"compare\""));
        HtmlReport.write(file(), Path.of("target", "sample-compare.html"));
    }

    @Test
    void isWellFormed() throws Exception {
        String html =
                HtmlReport.render(file()).replace("<!DOCTYPE html>", "").replaceAll("<meta ([^>]*)>", "<meta $1/>");
        assertEquals(
                "html",
                DocumentBuilderFactory.newInstance()
                        .newDocumentBuilder()
                        .parse(new InputSource(new StringReader(html)))
                        .getDocumentElement()
                        .getTagName());
    }

    /** The middle is no change; what is slower lies right of the band, what is faster left of it. */
    @Test
    void positionsFollowTheNumbers() {
        Forest forest = Forest.of(file().comparisons()).get(0);
        double right = Double.parseDouble(forest.bandLow()) + Double.parseDouble(forest.bandWidth());
        assertEquals(Forest.WIDTH, Double.parseDouble(forest.bandLow()) + right, 0.2);
        assertTrue(low(forest, 0) > right);
        assertTrue(Double.parseDouble(plot(forest, 1).high()) < Double.parseDouble(forest.bandLow()));
        assertTrue(low(forest, 2) > Double.parseDouble(forest.bandLow()));
        assertEquals(Forest.WIDTH / 2.0, Double.parseDouble(plot(forest, 2).middle()), 0.1);
        assertEquals(3, forest.ticks().size());
    }

    private static double low(Forest forest, int row) {
        return Double.parseDouble(plot(forest, row).low());
    }

    private static Forest.Plot plot(Forest forest, int row) {
        return Objects.requireNonNull(forest.rows().get(row).plot());
    }

    @Test
    void summaryForAPullRequest() {
        String summary = ComparisonSummary.render(file());
        assertTrue(summary.contains("| RowSpace.all vector rank 50 | REGRESSED | +12.0 % |"), summary);
        assertTrue(summary.contains("| New.run \\<b\\> | NOT\\_APPLICABLE |"), summary);
        assertTrue(summary.contains("Negative control, base against base: +0.0 %, SAME."), summary);
        assertTrue(MarkdownReport.render(file()).contains("| REGRESSED | +12.0 % |"));
    }

    private static long count(String text, String part) {
        return Pattern.compile(Pattern.quote(part)).matcher(text).results().count();
    }
}
