package leakmark.benchmarks.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import leakmark.attacks.client.Practice;
import leakmark.attacks.defences.DefenceKind;
import leakmark.reports.result.Result;
import leakmark.reports.result.Result.Status;
import leakmark.reports.result.ResultFile;
import leakmark.reports.result.ResultFiles;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DefencesCommandTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Test
    void listNamesEveryDefence() {
        Outcome outcome = Outcome.of("defences", "--list");
        assertEquals(0, outcome.status(), outcome.errors());
        for (DefenceKind kind : DefenceKind.values()) {
            assertTrue(outcome.output().lines().anyMatch(line -> line.startsWith(kind.label() + " ")), kind.label());
        }
        for (Practice practice : Practice.values()) {
            assertTrue(
                    outcome.output().lines().anyMatch(line -> line.startsWith(practice.label() + " ")),
                    practice.label());
        }
    }

    /** The smallest study: a row for each attacker, in a result file that reads, with a report beside it. */
    @Test
    void aStudyHasBothAttackers() throws IOException {
        Path json = folder.resolve("out.json");
        Path out = folder.resolve("report");
        Outcome outcome = Outcome.of(
                "defences",
                "--model",
                "tiny",
                "--sequence-length",
                "8",
                "--seeds",
                "1",
                "--only",
                "none,bf16,frozen-embeddings,batch:2+dropout:0.2",
                "--no-dlg",
                "--no-settings",
                "--out",
                out.toString(),
                "--json",
                json.toString());
        assertEquals(0, outcome.status(), outcome.errors());
        ResultFile file = ResultFiles.read(json);
        assertEquals(8, file.results().size());
        assertEquals(
                4,
                file.results().stream()
                        .filter(result -> result.key().variant().equals("aware"))
                        .count());
        // Frozen embeddings stop who reads their gradient, not DAGER.
        assertEquals(
                List.of(0.0, 1.0),
                file.results().stream()
                        .filter(result ->
                                "frozen-embeddings".equals(result.key().params().get("defence")))
                        .map(result -> result.quality().get(Result.EXACT_RATE))
                        .toList());
        assertTrue(Files.readString(out.resolve("report.md")).contains("bf16"));
    }

    /** A setting that leaks, and one that does not apply: neither 0 nor a pass. */
    @Test
    void settingsHaveARowForEachAttacker() throws IOException {
        Path json = folder.resolve("settings.json");
        Path out = folder.resolve("settings");
        Outcome outcome = Outcome.of(
                "defences",
                "--model",
                "tiny",
                "--sequence-length",
                "6",
                "--seeds",
                "1",
                "--settings",
                "sum:2,lora:16:zero",
                "--setting-batch-size",
                "1",
                "--no-dlg",
                "--no-dager",
                "--out",
                out.toString(),
                "--json",
                json.toString());
        assertEquals(0, outcome.status(), outcome.errors());
        ResultFile file = ResultFiles.read(json);
        assertEquals(
                List.of(Status.OK, Status.OK, Status.NOT_APPLICABLE, Status.NOT_APPLICABLE),
                file.results().stream().map(Result::status).toList());
        assertTrue(Files.readString(out.resolve("report.html")).contains("honest-but-curious"));
    }

    /** One line, exit 2, and never a silent undefended run. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "--only; gaussian:2; above 0.0 and below 1.0",
                "--only; dp-sgd:1:eps=1e-9; cannot be met",
                "--only; dropout:1; between 0 and 1",
                "--only; batch:0; 1 to 64",
                "--settings; secure-aggregation:4:3:2; below the threshold of 3",
                "--settings; gossip:0-1/2-3:4:2; not connected",
                "--settings; fedavg:10:4; takes epochs",
                "--settings; peer; no setting is called",
                "--setting-batch-size; 0; at least one sentence",
            })
    void wrongParametersAreOneLine(String option, String value, String part) {
        Outcome outcome = Outcome.of(
                "defences", option, value, "--out", folder.resolve("wrong").toString());
        assertEquals(2, outcome.status(), outcome.errors());
        assertTrue(outcome.errors().contains(part), outcome.errors());
        assertFalse(Files.exists(folder.resolve("wrong").resolve("result.json")));
    }
}
