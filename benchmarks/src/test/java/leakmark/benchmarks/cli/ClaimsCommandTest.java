package leakmark.benchmarks.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import leakmark.reports.result.Evidence;
import leakmark.reports.result.Machine;
import leakmark.reports.result.Observation;
import leakmark.reports.result.ResultFile;
import leakmark.reports.result.ResultFiles;
import leakmark.reports.result.Run;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClaimsCommandTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Test
    void listTellsWhatCanBeChecked() throws IOException {
        JsonNode list = MAPPER.readTree(Outcome.of("claims", "list", "--json").output());
        assertEquals(30, list.size());
        for (JsonNode claim : list) {
            assertTrue(claim.path("testable").booleanValue() ^ claim.has("reason"), claim.toString());
        }
        String text = Outcome.of("claims", "list").output();
        assertTrue(text.contains("reported from memory: 270, 602, 1173 and 2711"), text);
    }

    /** Measured, judged, written and judged again from the file. */
    @Test
    void spansAreMeasuredAndJudged() throws IOException {
        Path out = folder.resolve("claims");
        Outcome outcome = Outcome.of("claims", "verify", "d01", "D02", "D03", "--quick", "--out", out.toString());
        assertEquals(0, outcome.status(), outcome.output() + outcome.errors());
        assertEquals(3, outcome.output().split("SUPPORTED", -1).length - 1, outcome.output());
        String html = Files.readString(out.resolve("report.html"));
        assertTrue(html.contains("id=\"claim-D03\"") && html.contains("href=\"#observation-1\""), html);
        String file = out.resolve("result.json").toString();
        JsonNode again = MAPPER.readTree(Outcome.of("claims", "verify", "--from", file, "D01", "D02", "D03", "--json")
                .output());
        assertEquals(MAPPER.readTree(out.resolve("result.json").toFile()).path("claims"), again);
    }

    private Outcome judged(double rouge1, int count, String... more) throws IOException {
        Path file = folder.resolve("planted.json");
        ResultFiles.write(
                new ResultFile(
                                new Run("2026-01-01T00:00:00Z", null, List.of("run"), 1, Map.of()),
                                new Machine("0123", Map.of("processor", "abacus"), Map.of(), Map.of()),
                                List.of(),
                                List.of(),
                                List.of())
                        .with(Evidence.of(List.of(new Observation(
                                "text",
                                "dager",
                                Map.of("model", "small", "batchSize", "4", "sequenceLength", "8"),
                                Map.of("rouge1", Collections.nCopies(count, rouge1)))))),
                file);
        String[] args = {"claims", "verify", "--from", file.toString(), "D04"};
        String[] all = java.util.Arrays.copyOf(args, args.length + more.length);
        System.arraycopy(more, 0, all, args.length, more.length);
        return Outcome.of(all);
    }

    @Test
    void theExitStatusIsTheVerdict() throws IOException {
        assertEquals(0, judged(1, 6, "--strict").status());
        assertEquals(0, judged(1, 3).status(), "inconclusive is no failure");
        assertEquals(3, judged(1, 3, "--strict").status());
        Outcome refuted = judged(0.5, 3);
        assertEquals(1, refuted.status());
        assertTrue(refuted.output().startsWith("D04  REFUTED "), refuted.output());
        Outcome nothing = Outcome.of(
                "claims",
                "verify",
                "D06",
                "L10",
                "--out",
                folder.resolve("none").toString());
        assertEquals(5, nothing.status(), nothing.errors());
        assertTrue(nothing.output().contains("reported from memory, not judged: 0.0038"), nothing.output());
        assertFalse(nothing.output().contains("\nL10  SUPPORTED"), nothing.output());
    }
}
