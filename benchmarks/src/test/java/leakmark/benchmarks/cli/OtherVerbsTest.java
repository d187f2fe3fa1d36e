package leakmark.benchmarks.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import leakmark.attacks.model.Presets;
import leakmark.reports.result.Machine;
import leakmark.reports.result.ResultFile;
import leakmark.reports.result.ResultFiles;
import leakmark.reports.result.Run;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OtherVerbsTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "run",
                "client",
                "train",
                "attack",
                "attack dager",
                "report",
                "list",
                "doctor",
                "profile",
                "bundle",
                "ab",
                "compare",
                "selftest",
                "claims",
                "claims list",
                "claims verify",
                "defences",
                "encoders",
                "latency",
                "history"
            })
    void everyVerbHasHelpWithAnExample(String verb) {
        Outcome outcome = Outcome.of((verb + " --help").strip().split(" ", -1));
        assertEquals(0, outcome.status());
        assertTrue(outcome.output().startsWith("Usage: " + ("leakmark " + verb).strip()), outcome.output());
        assertTrue(
                outcome.output().matches("(?s).*\nExamples?:\n  leakmark " + verb.replace(" dager", "") + ".*"),
                outcome.output());
        assertEquals("", outcome.errors());
        assertTrue(outcome.output().lines().noneMatch(line -> line.length() > 100), outcome.output());
    }

    /** The list of verbs shows the first line of each description: it must be a sentence. */
    @Test
    void helpListsVerbsByWholeSentences() {
        String help = Outcome.of("--help").output();
        String list = help.substring(help.indexOf("Commands:"), help.indexOf("Exit codes:"));
        assertTrue(list.lines().skip(1).filter(line -> line.startsWith("  ")).count() > 15, list);
        for (String verb : list.split("\n  (?=[a-z])", -1)) {
            assertTrue(verb.startsWith("Commands:") || verb.strip().endsWith("."), verb);
        }
    }

    @Test
    void helpTellsTheExitCodes() {
        String help = Outcome.of("--help").output();
        for (ExitCode code : ExitCode.values()) {
            assertTrue(help.contains("  " + code.status() + "   " + code.meaning()), help);
        }
    }

    @Test
    void listNamesWhatTheOtherVerbsTake() throws IOException {
        JsonNode names = MAPPER.readTree(Outcome.of("list", "--json").output());
        assertEquals(
                List.of("cuda", "vector", "scalar"), names.path("providers").findValuesAsText("name"));
        assertEquals(Presets.names(), names.path("presets").findValuesAsText("name"));
        assertEquals(768, names.path("presets").path(2).path("hiddenSize").intValue());
        assertEquals(
                List.of("short", "medium", "long", "all"),
                names.path("profiles").findValuesAsText("name"));
        assertTrue(names.path("benchmarks").isArray());
        String text = Outcome.of("list").output();
        assertTrue(text.contains("12 layers, hidden size 768, 12 heads, vocabulary 50257, 1024 positions"), text);
    }

    @Test
    void doctorMeasures() throws IOException {
        Path file = folder.resolve("machine.json");
        Outcome outcome = Outcome.of("doctor", "--json", file.toString());
        assertEquals(0, outcome.status(), outcome.output());
        assertTrue(outcome.output().stripTrailing().endsWith("fit: everything needed is here"), outcome.output());
        JsonNode json = MAPPER.readTree(file.toFile());
        assertTrue(json.path("roofs").size() >= 2);
        for (JsonNode roof : json.path("roofs")) {
            assertTrue(roof.path("value").doubleValue() > 0.1, roof.toString());
        }
        assertFalse(json.path("machine")
                .path("stable")
                .path("processor")
                .textValue()
                .isEmpty());
        assertTrue(json.path("machine").path("id").textValue().matches("[0-9a-f]{12}"));
    }

    @Test
    void doctorSaysWhatIsMissing() {
        assertEquals(List.of(), DoctorCommand.missing(true, null, 4L << 30));
        List<String> missing = DoctorCommand.missing(false, "no libtorch", 1L << 30);
        assertEquals(3, missing.size());
        assertTrue(missing.get(0).contains("--add-modules jdk.incubator.vector"));
        assertTrue(missing.get(1).contains("no libtorch"));
        assertTrue(missing.get(2).contains("1024 MiB"));
    }

    @Test
    void theSameMachineHasTheSameId() {
        assertEquals(Machines.here().id(), Machines.here().id());
    }

    @Test
    void reportMakesItsFolder() throws IOException {
        Path results = folder.resolve("results.json");
        ResultFiles.write(
                new ResultFile(
                        new Run("2026-01-01T00:00:00Z", null, List.of("run"), 1, Map.of()),
                        new Machine("0123", Map.of("processor", "abacus"), Map.of(), Map.of()),
                        List.of(),
                        List.of(),
                        List.of()),
                results);
        Path out = folder.resolve("a/b");
        Outcome outcome = Outcome.of("report", results.toString(), "--out", out.toString());
        assertEquals(0, outcome.status(), outcome.errors());
        assertTrue(Files.readString(out.resolve("report.html")).startsWith("<!DOCTYPE html>"));
        assertTrue(Files.readString(out.resolve("report.md")).contains("abacus"));

        Path file = Files.createFile(folder.resolve("file"));
        Outcome refused = Outcome.of("report", results.toString(), "--out", file.toString());
        assertEquals(2, refused.status());
        assertTrue(refused.errors().matches("leakmark: [^\n]*cannot be made a folder[^\n]*\n"), refused.errors());
    }
}
