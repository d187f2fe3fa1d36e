package leakmark.reports.result;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import leakmark.reports.Samples;
import leakmark.reports.result.Result.Status;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ResultFilesTest {
    @TempDir
    private Path folder = Path.of("");

    static Stream<ResultFile> files() {
        return Stream.of(Samples.sweep(), Samples.singleCell(), Samples.empty(), Samples.everything());
    }

    @ParameterizedTest
    @MethodSource("files")
    void whatIsWrittenIsReadAndFitsTheSchema(ResultFile file) throws IOException {
        Path path = folder.resolve("new/run.json");
        ResultFiles.write(file, path);
        assertEquals(file, ResultFiles.read(path));
        assertEquals(Set.of(), validate(ResultFiles.readTree(path)));
        try (Stream<Path> left = Files.list(folder.resolve("new"))) {
            assertEquals(List.of(path), left.toList());
        }
    }

    @Test
    void orderOfParametersIsKept() throws IOException {
        Path path = folder.resolve("run.json");
        ResultFiles.write(Samples.sweep(), path);
        assertEquals(
                List.of("model", "batchSize", "sequenceLength"),
                List.copyOf(
                        ResultFiles.read(path).results().get(0).key().params().keySet()));
    }

    @Test
    void schemaRefusesWhatTheRecordsRefuse() throws IOException {
        Path path = folder.resolve("run.json");
        ResultFiles.write(Samples.singleCell(), path);
        for (Map.Entry<String, String> damage : Map.of(
                        "status", "WITHHELD",
                        "metric", "{\"unit\":\"ms/op\",\"better\":\"sideways\"}",
                        "cost", "{\"flops\":-1,\"bytes\":0}",
                        "quality", "{\"exactRate\":\"NaN\"}")
                .entrySet()) {
            JsonNode tree = ResultFiles.readTree(path);
            ObjectNode result = (ObjectNode) ((ArrayNode) tree.get("results")).get(0);
            String value = damage.getValue();
            result.set(
                    damage.getKey(), ResultFiles.MAPPER.readTree(value.startsWith("{") ? value : "\"" + value + "\""));
            Path damaged = folder.resolve(damage.getKey() + ".json");
            Files.writeString(damaged, tree.toString());
            assertFalse(validate(tree).isEmpty(), damage.getKey());
            assertOneLine(damaged, "not a valid result file");
        }
    }

    @Test
    void refusesInOneLine() throws IOException {
        Path path = folder.resolve("run.json");
        ResultFiles.write(Samples.sweep(), path);
        String whole = Files.readString(path);

        Path bad = folder.resolve("bad.json");
        assertOneLine(bad, "does not exist");
        Files.writeString(bad, "");
        assertOneLine(bad, "no schemaVersion");
        Files.writeString(bad, whole.substring(0, whole.length() / 2));
        assertOneLine(bad, "truncated or not JSON");
        Files.writeString(bad, whole + "{}");
        assertOneLine(bad, "truncated or not JSON");
        Files.writeString(bad, "[]");
        assertOneLine(bad, "no schemaVersion");
        Files.writeString(bad, whole.replace('"' + ResultFile.SCHEMA_VERSION + '"', "\"2.0.0\""));
        assertOneLine(bad, "2.0.0");
        Files.writeString(bad, whole.replace("\"machine\"", "\"engine\""));
        assertOneLine(bad, "machine");
        Files.writeString(bad, whole.replace("\"seed\" : 42", "\"seed\" : \"many\""));
        assertOneLine(bad, "many");
    }

    @Test
    void aLaterMinorMayAddFields() throws IOException {
        Path path = folder.resolve("run.json");
        ResultFiles.write(Samples.singleCell(), path);
        Files.writeString(
                path,
                Files.readString(path)
                        .replace(
                                "\"schemaVersion\" : \"" + ResultFile.SCHEMA_VERSION + "\"",
                                "\"schemaVersion\" : \"1.7.2\", \"news\" : []"));
        assertEquals("1.7.2", ResultFiles.read(path).schemaVersion());
    }

    /** Files of 1.0 have no galleries and no claims. */
    @Test
    void anEarlierMinorReads() throws IOException {
        Path path = folder.resolve("run.json");
        ResultFiles.write(Samples.singleCell(), path);
        com.fasterxml.jackson.databind.node.ObjectNode tree =
                (com.fasterxml.jackson.databind.node.ObjectNode) ResultFiles.MAPPER.readTree(path.toFile());
        tree.put("schemaVersion", "1.0.0").remove(List.of("galleries", "claims"));
        Files.writeString(path, tree.toString());
        ResultFile file = ResultFiles.read(path);
        assertEquals(List.of(), file.galleries());
        assertEquals(Samples.singleCell().results(), file.results());
    }

    @Test
    void launchesAndPredictionsComeBack() throws IOException {
        Path path = folder.resolve("run.json");
        ResultFile cells = Samples.singleCell();
        Result cell = Samples.costing(cells.results().get(0), new Result.Cost(3e9, 2e6, 7));
        ResultFile file = new ResultFile(cells.run(), cells.machine(), cells.roofs(), List.of(cell), List.of())
                .with(new Evidence(
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of(new Prediction(cell.key(), "a card", 0.25, "its data sheet"))));
        ResultFiles.write(file, path);
        assertEquals(Set.of(), validate(ResultFiles.readTree(path)));
        assertEquals(file, ResultFiles.read(path));
        // Files of 1.2 have neither.
        Files.writeString(
                path,
                Files.readString(path)
                        .replaceAll(",\\s*\"launches\" : 7", "")
                        .replaceAll("(?s),\\s*\"predictions\" : \\[.*?}\\s*]", ""));
        ResultFile older = ResultFiles.read(path);
        assertEquals(new Result.Cost(3e9, 2e6), older.results().get(0).cost());
        assertEquals(Evidence.none(), older.evidence());
    }

    @Test
    void imagesAndClaimsComeBack() throws IOException {
        Path path = folder.resolve("run.json");
        ResultFile file = Samples.singleCell()
                .with(
                        List.of(new Gallery(
                                "LeNet",
                                Map.of("batchSize", "1"),
                                20,
                                19,
                                "iVBORw0KGgo=",
                                20,
                                List.of(List.of(3.0, 1e-9)))),
                        List.of(Samples.claim("L01", "recovered in 300", "20 of 20")));
        ResultFiles.write(file, path);
        assertEquals(file, ResultFiles.read(path));
        assertEquals(Set.of(), validate(ResultFiles.MAPPER.readTree(path.toFile())));
        assertThrows(
                IllegalArgumentException.class,
                () -> new Gallery("LeNet", Map.of(), 2, 3, "iVBORw0KGgo=", 20, List.of()));
        assertThrows(
                IllegalArgumentException.class,
                () -> new Gallery("LeNet", Map.of(), 2, 1, "\"><script>", 20, List.of()));
    }

    @Test
    void aFailedWriteLeavesTheOldFile() throws IOException {
        Path path = folder.resolve("target");
        Files.createDirectories(path.resolve("occupied"));
        assertThrows(IOException.class, () -> ResultFiles.write(Samples.empty(), path));
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(Set.of(path), left.collect(Collectors.toSet()));
        }
    }

    @Test
    void aGateTakesTheScoreAway() {
        Result measured = Samples.singleCell().results().get(0);
        Result withheld = measured.without(Status.WITHHELD, List.of("below the gate"));
        assertEquals(null, withheld.summary());
        assertEquals(measured.quality(), withheld.quality());
        assertThrows(IllegalArgumentException.class, () -> measured.without(Status.ERROR, List.of()));
        assertThrows(IllegalArgumentException.class, () -> measured.without(Status.OK, List.of()));
    }

    /** By hand: mean 3, s² = 10/4; t(0.9995, 4) = 8.610 from printed tables. */
    @Test
    void summaryAgainstPrintedTables() {
        Summary summary = Summary.of(List.of(List.of(5.0, 1.0), List.of(3.0, 2.0, 4.0)));
        assertEquals(3, summary.score(), 1e-15);
        assertEquals(3, summary.median(), 0);
        assertEquals(8.610 * Math.sqrt(2.5 / 5), Objects.requireNonNull(summary.error()), 0.0005);
        assertEquals(1, summary.min(), 0);
        assertEquals(5, summary.max(), 0);
        assertEquals(5, summary.n());
        assertEquals(null, Summary.of(List.of(List.of(5.0))).error());
        assertThrows(IllegalArgumentException.class, () -> Summary.of(List.of(List.of())));
    }

    private static void assertOneLine(Path path, String part) {
        String message = String.valueOf(assertThrows(ResultFileException.class, () -> ResultFiles.read(path))
                .getMessage());
        assertTrue(message.contains(part) && message.contains(path.toString()), message);
        assertEquals(1, message.lines().count(), message);
    }

    private static Set<String> validate(JsonNode tree) throws IOException {
        try (InputStream stream = Objects.requireNonNull(
                ResultFiles.class.getResourceAsStream("/leakmark/reports/schema/result-1.schema.json"))) {
            JsonSchema schema = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                    .getSchema(stream);
            return schema.validate(tree).stream().map(Object::toString).collect(Collectors.toSet());
        }
    }
}
