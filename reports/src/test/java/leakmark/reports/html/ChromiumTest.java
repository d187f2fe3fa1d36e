package leakmark.reports.html;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import leakmark.reports.Samples;
import leakmark.reports.history.History;
import leakmark.reports.result.Result.Status;
import leakmark.reports.result.ResultFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The pages in a real browser without a window; skipped by name where there is none. */
class ChromiumTest {
    private static Optional<String> chromium = Optional.empty();

    @TempDir
    private Path folder = Path.of("");

    @BeforeAll
    static void find() {
        String path = System.getenv().getOrDefault("PATH", "");
        chromium = Stream.of("chromium", "chromium-browser", "google-chrome")
                .flatMap(name -> Stream.of(path.split(":")).map(place -> Path.of(place, name)))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
        assumeTrue(chromium.isPresent(), "no chromium, chromium-browser or google-chrome on the PATH");
    }

    /** The page's elements after it has opened, and what the browser said. */
    private record Opened(String elements, String log) {
        long consoleLines() {
            return log.lines().filter(line -> line.contains("CONSOLE")).count();
        }

        int count(String part) {
            return elements.split(part, -1).length - 1;
        }
    }

    private Opened open(String html) throws IOException, InterruptedException {
        return open(html, "");
    }

    private Opened open(String html, String fragment) throws IOException, InterruptedException {
        Path page = folder.resolve("page.html");
        Files.writeString(page, html);
        Path elements = folder.resolve("elements.html");
        Path log = folder.resolve("log.txt");
        Process process = new ProcessBuilder(
                        chromium.orElseThrow(),
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--no-first-run",
                        "--user-data-dir=" + folder.resolve("profile"),
                        "--enable-logging=stderr",
                        "--window-size=1200,1600",
                        "--screenshot=" + folder.resolve("page.png"),
                        "--dump-dom",
                        page.toUri() + fragment)
                .redirectOutput(elements.toFile())
                .redirectError(log.toFile())
                .start();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the browser did not end");
        assertEquals(0, process.exitValue(), Files.readString(log));
        return new Opened(Files.readString(elements), Files.readString(log));
    }

    @Test
    void theReportOpensWithoutAnErrorAndWithEveryMark() throws Exception {
        ResultFile file = Samples.sweep();
        Opened opened = open(HtmlReport.render(file));
        assertEquals(0, opened.consoleLines(), opened.log());
        long published = file.results().stream()
                .filter(result -> Cells.isPublished(result) && result.status() == Status.OK)
                .count();
        // Two charts of the sweep with eleven cells of ours each, and one roofline with the two kernels that have
        // FLOPs.
        assertEquals(2 * 10 + 2, opened.count("<circle class=\"(ours )?mark exact"));
        assertEquals(2 * published, opened.count("<rect class=\"mark exact"));
        for (String section :
                new String[] {"scaling", "results", "stages", "kernels", "noise", "machine", "reproduce"}) {
            assertEquals(1, opened.count("<section id=\"" + section + "\""), section);
        }
        // What can be reached by Tab: links, scrollable tables, details.
        assertTrue(opened.count("tabindex=\"0\"") >= 5 && opened.count("<a href=\"#") >= 7, "keyboard");
        assertTrue(Files.size(folder.resolve("page.png")) > 20_000, "the screenshot is empty");
    }

    /** Which pages are shown and how long opening took, from navigation to the whole layout, as attributes of the body. */
    private static String asked(String html, String first) {
        return html.replace("</body>", "<script>addEventListener('load',()=>{" + first + """
                let body=document.body;
                body.dataset.height=body.offsetHeight;
                body.dataset.milliseconds=Math.round(performance.now());
                body.dataset.shown=[...document.querySelectorAll('main>section')]
                    .filter(s=>getComputedStyle(s).display!='none').map(s=>s.id).join(' ');
                body.dataset.current=[...document.querySelectorAll('nav a')]
                    .filter(a=>getComputedStyle(a).fontWeight>600).map(a=>a.hash).join(' ');
                })</script></body>""");
    }

    private static String attribute(Opened opened, String name) {
        return opened.elements().replaceAll("(?s).*<body[^>]* data-" + name + "=\"([^\"]*)\".*", "$1");
    }

    @Test
    void onePageIsShownAtATime() throws Exception {
        String html = asked(HtmlReport.render(Samples.sweep()), "");
        for (String page : new String[] {"overview", "scaling", "kernels", "cost", "machine"}) {
            Opened opened = open(html, page.equals("overview") ? "" : "#" + page);
            assertEquals(page, attribute(opened, "shown"));
            assertEquals("#" + page, attribute(opened, "current"));
        }
        // What Enter does on a link that Tab has reached.
        String pressed = asked(
                HtmlReport.render(Samples.sweep()),
                "let a=document.querySelector('nav a[href=\"#stages\"]');a.focus();"
                        + "if(document.activeElement===a)a.click();");
        assertEquals("stages", attribute(open(pressed), "shown"));
        // An address within a page shows that page.
        ResultFile claims = Samples.singleCell().with(List.of(), List.of(Samples.claim("L01", "a claim", "20 of 20")));
        assertEquals("claims", attribute(open(asked(HtmlReport.render(claims), ""), "#claim-L01"), "shown"));
    }

    /** The best of three, as other programs share the machine. */
    @Test
    void twoThousandCellsOpenInASecond() throws Exception {
        String html = HtmlReport.render(Samples.large(45));
        assertTrue(html.length() < 5_000_000, html.length() + " characters");
        assertTrue(html.contains("id=\"cost\""));
        int best = Integer.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            best = Math.min(best, Integer.parseInt(attribute(open(asked(html, "")), "milliseconds")));
        }
        System.out.println("2025 cells: " + html.length() + " characters, open after " + best + " ms");
        assertTrue(best < 1000, best + " ms");
    }

    /** One chart with a mark for each strength and line, and a row for each defence and setting. */
    @Test
    void protectionsOpenWithACurveForBothAttackers() throws Exception {
        Opened opened = open(HtmlReport.render(Samples.protections()));
        assertEquals(0, opened.consoleLines(), opened.log());
        assertEquals(3 * 3, opened.count("<circle class=\"mark exact"));
        assertEquals(3 + 1, opened.count("<polyline class=\"line\""));
        assertEquals(1, opened.count("<section id=\"defences\""));
    }

    @Test
    void theRecoveryCurvesOpenWithEveryMark() throws Exception {
        ResultFile sample = Samples.singleCell();
        Opened opened = open(HtmlReport.render(
                new ResultFile(sample.run(), sample.machine(), List.of(), RecoveryCurvesTest.study(), List.of())));
        assertEquals(0, opened.consoleLines(), opened.log());
        String section =
                opened.elements().split("<section id=\"recovery\"", 2)[1].split("</section>", 2)[0];
        // Four cells against batchSize, four and the published two against weightStd; one of eight has no time.
        assertEquals(4 + 4 + 2, section.split("<circle class=\"mark ", -1).length - 1);
        assertEquals(2 + 2, section.split("<rect class=\"mark ", -1).length - 1);
    }

    @Test
    void theHistoryOpensWithAMarkForEveryRun() throws Exception {
        History history = new History(
                List.of(new History.Entry(Samples.sweep(), "a note"), new History.Entry(Samples.singleCell(), "")));
        Opened opened = open(HtmlReport.render(history));
        assertEquals(0, opened.consoleLines(), opened.log());
        long runs = history.timelines().stream()
                .mapToLong(timeline -> timeline.points().size())
                .sum();
        assertEquals(runs, opened.count("<circle class=\"ours mark s3"));
    }

    /** Every page at once, its marks counted on that page alone. */
    @Test
    void everyPageOpensWithEveryMark() throws Exception {
        ResultFile file = Samples.everything();
        Opened opened = open(HtmlReport.render(file, new History(List.of(new History.Entry(file, "")))));
        assertEquals(0, opened.consoleLines(), opened.log());
        Map<String, String> pages = new LinkedHashMap<>();
        for (String section : opened.elements().split("<section id=\"", -1)) {
            pages.put(section.split("\"", 2)[0], section.split("</section>", 2)[0]);
        }
        // Two forests of two cells and a control.
        assertEquals(2 * 3, count(pages, "compare", "<circle class=\"point\""));
        assertEquals(2 * 3, count(pages, "compare", "<path class=\"whisker\""));
        // Two heat maps of 4 × 3 cells, of which one is withheld; the second only if a power law was fitted.
        assertEquals(
                2 * 11,
                count(pages, "scaling", "<td class=\"n h")
                        + count(pages, "scaling", "<td class=\"n over")
                        + count(pages, "scaling", "<td class=\"n under"));
        assertEquals(2, count(pages, "kernels", "<circle class=\"ours mark"));
        // Eleven cells with four stages each.
        assertEquals(11 * 4, count(pages, "stages", "<rect class=\"stage t") - 4);
        // Three cells here and there.
        assertEquals(2 * 3, count(pages, "cost", "<circle class=\"mark exact"));
        // 50, 90, 99 and 99.9 % of 1,000 calls, and the largest; one more in the legend.
        assertEquals(5, count(pages, "latency", "<circle class=\"ours mark exact s3\""));
        assertEquals(1, count(pages, "latency", "<polyline class=\"ours line"));
        assertEquals(3 * 2, count(pages, "profile", "<rect class=\"fill\""));
        assertEquals(3, count(pages, "text", "<tr><td class=\"n\">"));
        assertEquals(2, count(pages, "images", "<polyline class=\"curve\""));
        assertEquals(1, count(pages, "images", "<img class=\"strip\""));
        assertEquals(1, count(pages, "claims", "id=\"claim-L01\""));
        assertTrue(count(pages, "history", "<circle class=\"ours mark s3") > 0);
        for (String page : List.of("overview", "published", "results", "noise", "machine", "reproduce")) {
            assertTrue(pages.containsKey(page), page);
        }
    }

    private static int count(Map<String, String> pages, String page, String part) {
        return pages.getOrDefault(page, "").split(part, -1).length - 1;
    }

    /** Else the tests above could not fail. */
    @Test
    void anErrorWouldBeSeen() throws Exception {
        Opened opened =
                open("<!DOCTYPE html><title>x</title><script>console.error('planted');undefinedName();</script>");
        assertTrue(opened.consoleLines() >= 2, opened.log());
    }
}
