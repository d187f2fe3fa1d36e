package leakmark.benchmarks.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import leakmark.attacks.defences.DefenceKind;
import leakmark.reports.result.ResultFile;
import leakmark.reports.result.ResultFiles;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
                "none,bf16",
                "--no-dlg",
                "--out",
                out.toString(),
                "--json",
                json.toString());
        assertEquals(0, outcome.status(), outcome.errors());
        ResultFile file = ResultFiles.read(json);
        assertEquals(4, file.results().size());
        assertEquals(
                2,
                file.results().stream()
                        .filter(result -> result.key().variant().equals("aware"))
                        .count());
        assertTrue(Files.readString(out.resolve("report.md")).contains("bf16"));
    }
}
