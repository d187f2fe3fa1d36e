package leakmark.benchmarks.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import leakmark.attacks.GradientFile;
import leakmark.attacks.model.Models;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client's file, and the attack on it in another command. */
class RoundTripTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final List<String> SENTENCES = List.of(
            "The river rose in the night.",
            "Nobody heard the bell.",
            "The river fell in the morning.",
            "We counted the sheep twice, and twice we were one short.");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private Outcome run(String line) {
        return Outcome.of(line.replace("@", folder.toString()).split(" +", -1));
    }

    private JsonNode json(String name) throws IOException {
        return MAPPER.readTree(folder.resolve(name).toFile());
    }

    @Test
    void theTextComesBackFromTheFile() throws IOException {
        Files.write(folder.resolve("diary.txt"), SENTENCES, StandardCharsets.UTF_8);
        Outcome client = run("client --model small --batch-size 4 --sequence-length 30 --text @/diary.txt --seed 5"
                + " --weight-std 0.05 --out @/update.safetensors --json @/client.json");
        assertEquals(0, client.status(), client.errors());
        assertEquals("", client.errors());
        assertEquals(4, json("client.json").path("batchSize").intValue());

        // Without truth: what was recovered is the text, and nothing claims more than that.
        Files.move(folder.resolve("update.truth.json"), folder.resolve("hidden.json"));
        Outcome blind = run("attack --gradient @/update.safetensors --no-certify --json @/blind.json");
        assertEquals(0, blind.status(), blind.errors());
        assertTrue(blind.output().startsWith("4 sequences recovered, "), blind.output());
        JsonNode result = json("blind.json");
        Set<String> texts = new TreeSet<>();
        result.path("recovered")
                .forEach(sequence -> texts.add(sequence.path("text").textValue()));
        assertEquals(new TreeSet<>(SENTENCES), texts);
        assertTrue(
                result.path("exactSequences").isNull() && result.path("rouge1").isNull());
        assertEquals(0.05, result.path("weightStd").doubleValue());

        Outcome scored = run("attack dager --gradient @/update.safetensors --truth @/hidden.json"
                + " --provider vector --repeat 2 --json");
        assertEquals(0, scored.status(), scored.errors());
        JsonNode score = MAPPER.readTree(scored.output());
        assertEquals(4, score.path("sequences").intValue());
        assertEquals(4, score.path("exactSequences").intValue());
        assertEquals(
                4, score.path("certified").intValue(), score.path("certificate").toString());
        assertEquals(1.0, score.path("rouge2").doubleValue());
        assertEquals("vector", score.path("provider").textValue());
        assertEquals(5, score.path("seed").longValue());
        assertEquals(2, score.path("repeats").size());
        assertEquals(256, score.path("capacity").path("hiddenSize").intValue());
        double stages = 0;
        for (String stage : List.of("rank", "filter", "search", "check")) {
            stages += score.path("seconds").path(stage).doubleValue();
        }
        assertTrue(stages > 0
                && Math.abs(stages - score.path("seconds").path("total").doubleValue()) < 1e-9);
    }

    /** Means over seeds are sums of what each seed's own command gives. */
    @Test
    void seedsAreDrawnOneByOne() throws IOException {
        String line = "attack dager --model bert-mini --weight-std 0.05 --batch-size 3 --sequence-length 10 --json";
        Outcome all = run(line + " @/all.json --seed 4 --seeds 2");
        assertEquals(0, all.status(), all.output() + all.errors());
        assertEquals(3, all.output().lines().count());
        JsonNode both = json("all.json");
        assertEquals(6, both.path("sequences").intValue());
        assertEquals(6, both.path("exactSequences").intValue());
        assertEquals(6, both.path("certified").intValue());
        assertEquals(0, both.path("wrong").intValue());
        assertEquals(0, run(line + " @/five.json --seed 5").status());
        assertEquals(
                json("five.json").path("recovered"), both.path("runs").path(1).path("recovered"));
        assertNotEquals(
                json("five.json").path("recovered"), both.path("runs").path(0).path("recovered"));
    }

    @Test
    void aWrongTruthIsExit4() throws IOException {
        assertEquals(
                0,
                run("client --model tiny --batch-size 2 --sequence-length 8 --seed 3 --out @/a.safetensors")
                        .status());
        assertEquals(
                0,
                run("client --model tiny --batch-size 2 --sequence-length 8 --seed 4 --out @/b.safetensors")
                        .status());
        Outcome outcome = run("attack --gradient @/a.safetensors --truth @/b.truth.json --no-certify --json @/a.json");
        assertEquals(4, outcome.status(), outcome.errors());
        assertTrue(outcome.output().contains("0/2 sequences exact"), outcome.output());
        assertEquals(2, json("a.json").path("notRecovered").size());
    }

    @Test
    void theAskedForProviderIsTaken() throws IOException {
        Outcome outcome = run("attack dager --model tiny --batch-size 2 --sequence-length 8 --provider scalar"
                + " --no-certify --json");
        assertEquals(0, outcome.status(), outcome.errors());
        assertEquals(
                "scalar", MAPPER.readTree(outcome.output()).path("provider").textValue());
    }

    @Test
    void oneCommandDrawsAttacksAndScores() throws IOException {
        Outcome outcome = run("attack dager --model small --batch-size 3 --sequence-length 12 --profile short"
                + " --padding left --no-certify --json @/out.json");
        assertEquals(0, outcome.status(), outcome.errors());
        assertTrue(outcome.output().matches("(?s)3/3 sequences exact, \\d+\\.\\d\\d s \\(rank .*"), outcome.output());
        assertEquals(
                3,
                outcome.output().lines().filter(line -> line.startsWith("  ✓ ")).count());
        assertTrue(json("out.json").path("certified").isNull());
    }

    @Test
    void allSharesEveryParameterThatHasAGradient() {
        assertEquals(
                0,
                run("client --model tiny --batch-size 2 --sequence-length 8 --task next-token --all --out @/all.safetensors")
                        .status());
        Set<String> expected = new TreeSet<>(
                Models.open("tiny", 1, 0.02).configuration().parameterShapes().keySet());
        expected.remove("score.weight");
        assertEquals(
                expected,
                new TreeSet<>(GradientFile.read(folder.resolve("all.safetensors"), Models.open("tiny", 1, 0.02))
                        .tensors()
                        .keySet()));
    }

    @Test
    void aGradientOfAnotherModelIsRefused() {
        assertEquals(
                0,
                run("client --model tiny --batch-size 2 --sequence-length 8 --out @/tiny.safetensors")
                        .status());
        Outcome outcome = run("attack --gradient @/tiny.safetensors --model small --no-certify");
        assertEquals(2, outcome.status());
        assertTrue(outcome.errors().matches("leakmark: [^\n]*tiny.safetensors: [^\n]*\n"), outcome.errors());
        assertFalse(outcome.errors().contains("unexpected"));
    }
}
