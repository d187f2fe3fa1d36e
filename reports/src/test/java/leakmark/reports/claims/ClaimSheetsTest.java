package leakmark.reports.claims;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import leakmark.reports.Samples;
import leakmark.reports.claims.ClaimSheet.Cell;
import leakmark.reports.result.Claim.Verdict;
import leakmark.reports.result.ResultFileException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClaimSheetsTest {
    private static final Path FOLDER = Path.of("src/main/resources/leakmark/reports/claims");

    /** D01 to D20 and L01 to L10, each in the index and in a file of its own. */
    @Test
    void everyClaimHasAFile() throws IOException {
        Set<String> expected = Stream.concat(
                        IntStream.rangeClosed(1, 20).mapToObj("D%02d"::formatted),
                        IntStream.rangeClosed(1, 10).mapToObj("L%02d"::formatted))
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(
                expected,
                ClaimSheets.all().stream().map(ClaimSheet::id).collect(Collectors.toCollection(TreeSet::new)));
        try (Stream<Path> files = Files.list(FOLDER)) {
            assertEquals(
                    expected,
                    files.map(file -> file.getFileName().toString())
                            .filter(name -> name.endsWith(".yaml"))
                            .map(name -> name.replace(".yaml", ""))
                            .collect(Collectors.toCollection(TreeSet::new)));
        }
    }

    /** A figure from memory decides nothing: no bound is one of its numbers. */
    @Test
    void figuresFromMemoryAreInNoCheck() throws IOException {
        int reported = 0;
        for (ClaimSheet sheet : ClaimSheets.all()) {
            String yaml = Files.readString(FOLDER.resolve(sheet.id() + ".yaml"));
            String checks = yaml.contains("checks:") ? yaml.substring(yaml.indexOf("checks:")) : "";
            for (String text : sheet.reported()) {
                reported++;
                Matcher number = Pattern.compile("\\d+(\\.\\d+)?").matcher(text);
                while (number.find()) {
                    // N = 1, 2, 4, 8 are settings.
                    if (Double.parseDouble(number.group()) > 8 || number.group().contains(".")) {
                        assertFalse(checks.contains(number.group()), sheet.id() + " judges by " + number.group());
                    }
                }
            }
        }
        assertEquals(2, reported, "claims with figures from memory");
    }

    /**
     * Where all claims are measured together, a check decides by settings of its own plan's kind: more batches, longer
     * sequences or other seeds are welcome, another model, task, defence or number of iterations is another claim's.
     */
    @Test
    void noCheckDecidesByAnotherClaimsSettings() throws IOException {
        Set<String> sizes = Set.of("batchSize", "sequenceLength", "seeds");
        Set<String> measures = new TreeSet<>();
        for (ClaimSheet sheet : ClaimSheets.all()) {
            Matcher measure =
                    Pattern.compile("measure: *(\\w+)").matcher(Files.readString(FOLDER.resolve(sheet.id() + ".yaml")));
            while (measure.find()) {
                measures.add(measure.group(1));
            }
        }
        Map<String, List<Double>> values =
                measures.stream().collect(Collectors.toMap(name -> name, name -> List.of(1.0, 1.1, 1.2)));
        List<Series> together = ClaimSheets.all().stream()
                .flatMap(sheet -> sheet.cells(true).stream())
                .distinct()
                .map(cell -> new Series(cell.study(), cell.variant(), cell.params(), values))
                .toList();
        Map<String, Series> named = together.stream().collect(Collectors.toMap(Series::title, series -> series));
        int decided = 0;
        for (ClaimSheet sheet : ClaimSheets.all()) {
            for (Check check : sheet.checks()) {
                List<Series> from = check.judge(together).figures().stream()
                        .flatMap(figure -> figure.from().stream())
                        .map(title -> Objects.requireNonNull(named.get(title)))
                        .toList();
                for (Series series : check.decides() ? from : List.<Series>of()) {
                    decided++;
                    for (String axis : series.params().keySet()) {
                        assertTrue(
                                sizes.contains(axis)
                                        || sheet.cells(true).stream()
                                                .anyMatch(own -> series.params()
                                                        .getOrDefault(axis, "")
                                                        .equals(own.params().getOrDefault(axis, ""))),
                                sheet.id() + ", " + check.says() + ": " + series.title());
                    }
                }
            }
        }
        assertTrue(decided > 100, decided + " settings decide");
    }

    @Test
    void whatCannotBeTestedSaysWhyAndNothingElseIsWithoutEvidence() {
        for (ClaimSheet sheet : ClaimSheets.all()) {
            assertEquals(Verdict.NOT_TESTABLE_HERE, sheet.judge(Samples.empty()).verdict(), sheet.id());
            assertTrue(
                    sheet.notTestable() != null ^ !sheet.cells(true).isEmpty(),
                    sheet.id() + " needs a plan or a reason");
        }
        assertTrue(ClaimSheets.all().stream()
                        .filter(sheet -> sheet.notTestable() == null)
                        .count()
                >= 18);
    }

    @Test
    void aPlanIsSpreadOut() {
        ClaimSheet sheet = ClaimSheets.parse("X", """
                id: X
                claim: c
                source: s
                known: k
                scale: none
                plan:
                  - {study: text, variant: dager|lamp, batchSize: 1|2}
                  - {study: text, variant: dager, batchSize: 8, only: full}
                checks:
                  - {kind: mean, of: {study: text}, measure: rouge1, atLeast: 0.5, says: ROUGE-1}
                """);
        assertEquals(
                List.of(
                        new Cell("text", "dager", Map.of("batchSize", "1")),
                        new Cell("text", "dager", Map.of("batchSize", "2")),
                        new Cell("text", "lamp", Map.of("batchSize", "1")),
                        new Cell("text", "lamp", Map.of("batchSize", "2"))),
                sheet.cells(false));
        assertEquals(5, sheet.cells(true).size());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "id: [; ",
                "id: X; lacks one of",
                "{id: X, claim: c, source: s, known: k, scale: n}; needs a plan and checks, or the reason",
                "{id: X, claim: c, source: s, known: k, scale: n, notTestable: no, surprise: 1}; surprise",
                "{id: X, claim: c, source: s, known: k, scale: n, plan: [{study: text}], checks: [{kind: magic}]}; magic",
                "{id: X, claim: c, source: s, known: k, scale: n, plan: [{study: text}], checks: "
                        + "[{kind: mean, of: {}, measure: m, says: s, beside: true}]}; no check that decides",
            })
    void aWrongFileIsOneLine(String yaml, String part) {
        String message = String.valueOf(assertThrows(ResultFileException.class, () -> ClaimSheets.parse("X.yaml", yaml))
                .getMessage());
        assertTrue(message.startsWith("claim X.yaml cannot be read: "), message);
        assertTrue(message.contains(part == null ? "" : part), message);
        assertEquals(1, message.lines().count(), message);
    }

    @Test
    void namesAreTakenInAnyCaseAndUnknownOnesRefused() {
        assertEquals(
                List.of("L08", "D07"),
                ClaimSheets.named(List.of("l08", "D07", "L08")).stream()
                        .map(ClaimSheet::id)
                        .toList());
        assertTrue(String.valueOf(assertThrows(ResultFileException.class, () -> ClaimSheets.named(List.of("D99")))
                        .getMessage())
                .startsWith("no claim 'D99'; there are D01, "));
    }
}
