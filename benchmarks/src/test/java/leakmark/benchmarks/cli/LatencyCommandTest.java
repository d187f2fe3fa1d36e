package leakmark.benchmarks.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LatencyCommandTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private Outcome latency(String options) {
        return Outcome.of(
                ("latency " + options + " --model tiny --seconds 0.5 --warm-up 0.2 --out " + folder.resolve("out"))
                        .split(" "));
    }

    @Test
    void wholeAttacksAreScoredAndTimed() throws IOException {
        Outcome outcome = latency("dager --batch-size 2 --sequence-length 8 --rate 20 --json");
        assertEquals(0, outcome.status(), outcome.errors());
        JsonNode latency = new ObjectMapper().readTree(outcome.output());
        assertEquals(10, latency.path("calls").intValue());
        assertEquals(1.0, latency.path("quality").path("exactRate").doubleValue());
        assertTrue(Files.readString(folder.resolve("out/latency.hlog")).contains("Tag=dager.response"));
        assertTrue(Files.readString(folder.resolve("out/report.html")).contains("id=\"latency\""));
    }

    @Test
    void kernelsToo() {
        Outcome outcome = latency("vocabulary-sweep --provider scalar");
        assertEquals(0, outcome.status(), outcome.errors());
        assertTrue(outcome.output().contains("vocabulary-sweep scalar"), outcome.output());
        assertTrue(outcome.output().contains("response, ms"), outcome.output());
    }

    /** 16 × 8 tokens are more than a width of 64 can carry. */
    @Test
    void whatIsNotRecoveredHasNoLatency() {
        Outcome outcome = latency("dager --batch-size 16 --sequence-length 8 --rate 20");
        assertEquals(4, outcome.status(), outcome.output() + outcome.errors());
        assertTrue(outcome.output().startsWith("WITHHELD: 0 of "), outcome.output());
        assertFalse(Files.exists(folder.resolve("out/result.json")));
    }

    @Test
    void hotSpotsOfAnAttack() throws IOException {
        Outcome outcome =
                Outcome.of("profile dager --model tiny --batch-size 2 --sequence-length 8 --seconds 1 --warm-up 0.2"
                        .concat(" --out " + folder.resolve("hot"))
                        .split(" "));
        assertEquals(0, outcome.status(), outcome.errors());
        assertTrue(outcome.output().contains("hottest frames"), outcome.output());
        assertTrue(Files.readString(folder.resolve("hot/report.html")).contains("id=\"profile\""));
    }
}
