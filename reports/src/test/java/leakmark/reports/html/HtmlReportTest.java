package leakmark.reports.html;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import leakmark.reports.Samples;
import leakmark.reports.result.Gallery;
import leakmark.reports.result.Result;
import leakmark.reports.result.Result.Status;
import leakmark.reports.result.ResultFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xml.sax.InputSource;

class HtmlReportTest {
    private static final Pattern CHART = Pattern.compile("<svg class=\"chart\".*?</svg>", Pattern.DOTALL);

    /** Eleven of twelve cells have a score, ten of them exact; each is in both charts, and so are the published ones. */
    @Test
    void everyCellWithAScoreIsOneMarkInEachChart() {
        ResultFile file = Samples.sweep();
        long published = file.results().stream()
                .filter(result -> Cells.isPublished(result) && result.status() == Status.OK)
                .count();
        List<String> charts = charts(HtmlReport.render(file));
        assertEquals(2, charts.size());
        for (String chart : charts) {
            assertEquals(10, count(chart, "<circle class=\"mark exact\""));
            assertEquals(1, count(chart, "<circle class=\"mark below\""));
            assertEquals(published, count(chart, "<rect class=\"mark exact\""));
            assertEquals(11 + published, count(chart, "class=\"bar\""));
        }
        assertEquals(3 + 3, count(charts.get(0), "<polyline"), "three lengths, ours and published");
        assertTrue(published > 3, "the sample must have published cells");
    }

    @ParameterizedTest
    @MethodSource("leakmark.reports.html.HtmlReportTest#files")
    void needsNoNetworkAndNoScript(ResultFile file) {
        String html = HtmlReport.render(file);
        for (String forbidden : List.of("http:", "https:", "src=", "@import", "url(", "<script", "<link", "<iframe")) {
            assertFalse(html.contains(forbidden), forbidden);
        }
    }

    /** Void elements closed, what is left must be well-formed: this finds unescaped text and unbalanced tags. */
    @ParameterizedTest
    @MethodSource("leakmark.reports.html.HtmlReportTest#files")
    void isWellFormed(ResultFile file) throws Exception {
        String html = HtmlReport.render(file).replace("<!DOCTYPE html>", "").replaceAll("<meta ([^>]*)>", "<meta $1/>");
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
        assertEquals(
                "html",
                factory.newDocumentBuilder()
                        .parse(new InputSource(new StringReader(html)))
                        .getDocumentElement()
                        .getTagName());
    }

    static List<ResultFile> files() {
        return List.of(Samples.sweep(), Samples.singleCell(), Samples.empty(), Samples.protections(), hostile());
    }

    @Test
    void headlineNamesTheLargestExactBatch() {
        String html = HtmlReport.render(Samples.sweep());
        Matcher headline = Pattern.compile("<h1>(.*?)</h1>").matcher(html);
        assertTrue(headline.find());
        // 4 × 16 is the largest with both times: 46 ms against 120 s before noise, which is within 5 %.
        assertTrue(
                headline.group(1)
                        .matches("4 × 16 tokens recovered exactly, 4/4, in 4[4-8]\\.\\d ms: "
                                + "2\u202f[567]\\d\\d times as fast as the published algorithm in the same run\\."),
                headline.group(1));
    }

    @Test
    void aWithheldCellHasItsReasonAndNoNumber() {
        ResultFile file = Samples.sweep();
        Result withheld = file.results().stream()
                .filter(result -> result.status() == Status.WITHHELD)
                .findAny()
                .orElseThrow();
        String html = HtmlReport.render(file);
        assertTrue(html.contains(withheld.reasons().get(0)));
        Matcher row = Pattern.compile("<tr>(?:(?!</tr>).)*gate(?:(?!</tr>).)*</tr>", Pattern.DOTALL)
                .matcher(html);
        assertTrue(row.find());
        assertTrue(row.group().contains("WITHHELD"));
        assertFalse(Pattern.compile("\\d (ms|s|µs)\\b").matcher(row.group()).find(), row.group());
    }

    @Test
    void textIsEscapedAndDifferencesAreMarked() {
        String html = HtmlReport.render(Samples.sweep());
        assertTrue(html.contains("Transfer &lt;200&gt; euros to <mark>"), "true text");
        assertTrue(html.contains("Example CPU &lt;X&gt; &amp; Sons"));
        assertTrue(html.contains("nothing recovered"));
    }

    @Test
    void smallFilesSayWhatTheyLack() {
        String empty = HtmlReport.render(Samples.empty());
        assertTrue(empty.contains("<h1>Nothing was measured.</h1>"));
        assertEquals(0, charts(empty).size());
        String single = HtmlReport.render(Samples.singleCell());
        assertTrue(single.contains("<h1>2 × 16 tokens recovered exactly, 2/2, in 20.0 ms.</h1>"));
        assertTrue(single.contains("no curve to draw") && single.contains("not enough cells: 1"));
        assertEquals(0, charts(single).size());
        assertFalse(single.contains("id=\"published\""));
    }

    @Test
    void anIntervalWithinOneForkIsCalledThat() {
        ResultFile sample = Samples.singleCell();
        List<List<Double>> oneFork = List.of(List.of(600.0, 610.0, 590.0));
        List<Result> results = List.of(
                sample.results().get(0), Samples.reconstruction(Result.Key.PUBLISHED, 2, 16, 2, oneFork, Map.of()));
        String html = HtmlReport.render(new ResultFile(sample.run(), sample.machine(), List.of(), results, List.of()));
        assertTrue(html.contains(", within one fork</td>"));
        assertTrue(html.contains("in 20.0 ms: 30.0 times as fast"));
        assertFalse(HtmlReport.render(Samples.sweep()).contains("within one fork"));
    }

    @Test
    void twoThousandCellsAreQuick() {
        ResultFile file = Samples.large(45);
        assertTimeout(Duration.ofSeconds(10), () -> {
            List<String> charts = charts(HtmlReport.render(file));
            assertEquals(2, charts.size());
            charts.forEach(chart -> assertEquals(45 * 45, count(chart, "mark exact")));
            charts.forEach(chart -> assertTrue(count(chart, "class=\"label\"") < 30, "labels must be thinned"));
        });
    }

    @Test
    void isWrittenWhole() throws IOException {
        Path path = Path.of("target", "sample-report.html");
        HtmlReport.write(Samples.sweep(), path);
        assertEquals(HtmlReport.render(Samples.sweep()), Files.readString(path));
    }

    /** 64 attacks in 2 s are 32 a second, four published ones in 8 s half a one: 64 times as fast. */
    @Test
    void attacksThatMatchGradientsAreComparedByTheirRate() {
        ResultFile sample = Samples.singleCell();
        List<Result> cells = List.of(inversion("vector", "64", 32), inversion("published", "4", 0.5));
        String html = HtmlReport.render(new ResultFile(sample.run(), sample.machine(), List.of(), cells, List.of()));
        assertTrue(html.contains("<td class=\"n\">32.0</td><td class=\"n strong\">64.0</td>"), html);
        assertTrue(html.contains("<td class=\"n\">0.500</td><td class=\"n strong\">–</td>"));
        assertFalse(html.contains("id=\"kernels\""));
    }

    /** 32 a second against 0.25 with the same optimiser, not against 0.5 with another. */
    @Test
    void thePublishedAttackWithTheSameOptimiserIsCompared() {
        ResultFile sample = Samples.singleCell();
        List<Result> cells = List.of(
                inversion("vector", "64", "lbfgs", 32),
                inversion("published", "4", "lbfgs-published", 0.5),
                inversion("published", "4", "lbfgs", 0.25));
        String html = HtmlReport.render(new ResultFile(sample.run(), sample.machine(), List.of(), cells, List.of()));
        assertTrue(html.contains("<td class=\"n\">32.0</td><td class=\"n strong\">128</td>"), html);
    }

    private static Result inversion(String variant, String attacks, double rate) {
        return inversion(variant, attacks, "lbfgs", rate);
    }

    private static Result inversion(String variant, String attacks, String optimiser, double rate) {
        List<List<Double>> rounds = List.of(List.of(2000.0));
        return new Result(
                new Result.Key("DlgBenchmark.attacks", variant, Map.of("attacks", attacks, "optimiser", optimiser)),
                null,
                new Result.Metric("ms/op", Result.Better.LOWER),
                Status.OK,
                List.of(),
                Map.of(Result.SUCCESS_RATE, 1.0),
                null,
                rounds,
                leakmark.reports.result.Summary.of(rounds),
                Map.of(),
                Map.of("attacksPerSecond", rate));
    }

    @Test
    void imagesLossCurvesAndClaimsAreShown() {
        ResultFile file = Samples.singleCell()
                .with(
                        List.of(new Gallery(
                                "LeNet <3",
                                Map.of(),
                                2,
                                1,
                                "iVBORw0KGgo=",
                                20,
                                List.of(List.of(2.0, 0.5, 1e-3), List.of(1.0)))),
                        List.of(Samples.claim("L01", "a <claim>", "20 of 20")));
        String html = HtmlReport.render(file);
        assertTrue(html.contains("LeNet &lt;3"), html);
        assertTrue(html.contains("1 of 2 attacks recovered every image"));
        assertTrue(html.contains("src=\"data:image/png;base64,iVBORw0KGgo=\""));
        // One line: a curve of one value shows nothing.
        assertEquals(2, html.split("class=\"curve\"", -1).length);
        assertTrue(html.contains("a &lt;claim&gt;") && html.contains("supported\">SUPPORTED<"));
        assertTrue(html.contains("Reported, not judged: 270 iterations"));
        // Its evidence is in no row of the file, so it points at the results.
        assertTrue(html.contains("<a href=\"#results\">all results</a>"));
        assertTrue(html.contains("href=\"#images\"") && html.contains("href=\"#claims\""));
        assertFalse(HtmlReport.render(Samples.singleCell()).contains("id=\"images\""));
    }

    private static ResultFile hostile() {
        ResultFile file = Samples.sweep();
        Result result = file.results().get(0);
        Result renamed = new Result(
                new Result.Key(
                        "<b>\"'&\\", "</svg><script>", Map.of("batchSize", "<", "sequenceLength", "99999999999")),
                null,
                result.metric(),
                result.status(),
                List.of(),
                result.quality(),
                null,
                result.rounds(),
                result.summary(),
                Map.of("<i>", 1.0),
                Map.of());
        return new ResultFile(file.run(), file.machine(), file.roofs(), List.of(renamed), file.examples());
    }

    private static List<String> charts(String html) {
        return CHART.matcher(html).results().map(match -> match.group()).toList();
    }

    private static long count(String text, String part) {
        return Pattern.compile(Pattern.quote(part)).matcher(text).results().count();
    }
}
