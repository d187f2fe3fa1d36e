package leakmark.benchmarks.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import leakmark.reports.result.Machine;
import leakmark.reports.result.Result;
import leakmark.reports.result.ResultFile;
import leakmark.reports.result.ResultFiles;
import leakmark.reports.result.Run;
import leakmark.reports.result.Summary;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files that no verb may take: one line that names the file, exit 2 or 5, and nothing half written. */
class BadFilesTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @BeforeEach
    void oneGoodFile() throws IOException {
        List<List<Double>> rounds = List.of(List.of(10.0), List.of(10.1), List.of(9.9), List.of(10.05));
        Result cell = new Result(
                new Result.Key("RowSpace.all", "vector", Map.of("rank", "50")),
                null,
                new Result.Metric("ms/op", Result.Better.LOWER),
                Result.Status.OK,
                List.of(),
                Map.of(),
                null,
                rounds,
                Summary.of(rounds),
                Map.of(),
                Map.of());
        ResultFiles.write(
                new ResultFile(
                        new Run("2026-01-01T00:00:00Z", null, List.of("run"), 1, Map.of()),
                        new Machine("0123", Map.of(), Map.of(), Map.of()),
                        List.of(),
                        List.of(cell),
                        List.of()),
                folder.resolve("good.json"));
    }

    private String spoilt(String what) throws IOException {
        String good = Files.readString(folder.resolve("good.json"));
        return switch (what) {
            case "major" -> good.replaceAll("\"schemaVersion\" : \"1", "\"schemaVersion\" : \"2");
            case "schema" -> "{\"title\": \"a recipe\"}";
            case "truncated" -> good.substring(0, good.length() / 2);
            case "params" -> good.replaceAll("\"params\" : \\{[^}]*}", "\"parameters\" : 3");
            case "empty" -> "";
            default -> throw new IllegalArgumentException(what);
        };
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.sorted().toList();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "major, this Leakmark reads 1.x",
        "schema, no schemaVersion",
        "truncated, truncated or not JSON",
        "params, params",
        "empty, no schemaVersion"
    })
    void areRefusedInOneLine(String what, String says) throws IOException {
        Path bad = folder.resolve("bad.json");
        Files.writeString(bad, spoilt(what));
        List<Path> before = files();
        String good = folder.resolve("good.json").toString();
        String out = folder.resolve("out").toString();
        for (List<String> line : List.of(
                List.of("report", bad.toString(), "--out", out),
                List.of("compare", good, bad.toString(), "--markdown", out),
                List.of("compare", bad.toString(), good, "--html", out),
                List.of("claims", "verify", "--from", bad.toString()),
                List.of("history", "add", bad.toString(), "--dir", out))) {
            Outcome outcome = Outcome.of(line.toArray(new String[0]));
            assertEquals(2, outcome.status(), line + outcome.errors());
            assertTrue(outcome.errors().matches("leakmark: [^\n]*bad\\.json[^\n]*\n"), line + outcome.errors());
            assertTrue(outcome.errors().contains(says), line + outcome.errors());
            assertFalse(outcome.errors().contains("unexpected"), outcome.errors());
            assertEquals(before, files(), line.toString());
        }
    }

    @Test
    void nothingAfterFiltersIsExit5() throws IOException {
        Path jar = Path.of(System.getProperty("java.home"), "lib", "jrt-fs.jar");
        Outcome none = Outcome.of("ab", jar.toString(), jar.toString());
        assertEquals(2, none.status());
        assertTrue(none.errors().matches("leakmark: [^\n]*has no benchmarks[^\n]*\n"), none.errors());
        Outcome empty = Outcome.of(
                "report",
                folder.resolve("good.json").toString(),
                "--history",
                folder.resolve("none").toString());
        assertEquals(2, empty.status());
        assertTrue(empty.errors().matches("leakmark: [^\n]*holds no runs[^\n]*\n"), empty.errors());
    }
}
