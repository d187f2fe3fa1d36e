package leakmark.reports.result;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import leakmark.reports.result.Result.Better;
import leakmark.reports.result.Result.Status;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against {@code jmh.json}, which JMH 1.37 wrote for a throw-away benchmark. */
class JmhJsonTest {
    @TempDir
    private Path folder = Path.of("");

    @Test
    void readsEveryMode() throws URISyntaxException {
        List<Result> results = JmhJson.read(sample());
        assertEquals(
                List.of("thrpt", "avgt", "sample"),
                results.stream()
                        .map(r -> r.key().params().get("mode"))
                        .distinct()
                        .toList());
        assertEquals(6, results.size());
        assertTrue(results.stream().allMatch(r -> r.status() == Status.OK));
        for (Result result : results) {
            boolean rate = "thrpt".equals(result.key().params().get("mode"));
            assertEquals(rate ? Better.HIGHER : Better.LOWER, result.metric().better());
            assertEquals(rate ? "ops/us" : "us/op", result.metric().unit());
            assertEquals(2, result.rounds().size());
            assertEquals(3, result.rounds().get(0).size());
        }
    }

    @Test
    void keepsParametersCountersAndScores() throws URISyntaxException {
        Result result = JmhJson.read(sample()).stream()
                .filter(r -> "avgt".equals(r.key().params().get("mode"))
                        && r.key().variant().equals("vector"))
                .findAny()
                .orElseThrow();
        assertEquals(
                Map.of("size", "17", "mode", "avgt", "threads", "1"),
                result.key().params());
        assertEquals("probe.Probe.spin", result.key().benchmark());
        Summary own = Summary.of(result.rounds());
        Summary jmh = Objects.requireNonNull(result.summary());
        assertEquals(jmh.score(), own.score(), 1e-9 * own.score());
        // JMH's own interval is the oracle of ours.
        double error = Objects.requireNonNull(own.error());
        assertEquals(Objects.requireNonNull(jmh.error()), error, 1e-6 * error);
        // 17 in each of 2 × 3 iterations: JMH adds events up.
        assertEquals(102.0, Objects.requireNonNull(result.counters().get("candidates")), 0);
    }

    /** JMH's score of a sampled benchmark is the mean of all samples, so iterations weighted by samples reproduce it. */
    @Test
    void sampledIterationsAreMeans() throws URISyntaxException {
        Result result = JmhJson.read(sample()).stream()
                .filter(r -> "sample".equals(r.key().params().get("mode")))
                .findFirst()
                .orElseThrow();
        Summary summary = Objects.requireNonNull(result.summary());
        assertEquals(6, summary.n());
        assertTrue(summary.min() <= summary.score() && summary.score() <= summary.max(), summary.toString());
    }

    /** JMH's own fields, by name, and everything that was read. */
    @Test
    void whatIsReadIsWritten() throws IOException, URISyntaxException {
        Path written = folder.resolve("out/jmh.json");
        List<Result> results = JmhJson.read(sample());
        JmhJson.write(results, written);
        assertEquals(results, JmhJson.read(written));
        JsonNode theirs = ResultFiles.MAPPER.readTree(sample().toFile());
        JsonNode ours = ResultFiles.MAPPER.readTree(written.toFile());
        assertEquals(theirs.size(), ours.size());
        for (int i = 0; i < theirs.size(); i++) {
            for (String field : List.of("benchmark", "mode", "threads", "forks", "params", "measurementIterations")) {
                assertEquals(theirs.get(i).get(field), ours.get(i).get(field), field);
            }
            for (String field : List.of("score", "scoreUnit")) {
                assertEquals(
                        theirs.get(i).get("primaryMetric").get(field),
                        ours.get(i).get("primaryMetric").get(field),
                        field);
            }
        }
        // Without a score there is nothing JMH could say.
        JmhJson.write(List.of(results.get(0).without(Status.WITHHELD, List.of("3 of 8"))), written);
        assertEquals(List.of(), JmhJson.read(written));
    }

    @Test
    void refusesOtherFiles() throws IOException {
        Path bad = folder.resolve("bad.json");
        for (String content : List.of("{}", "[{\"benchmark\": 1}]", "[{", "nothing")) {
            Files.writeString(bad, content);
            String message = String.valueOf(assertThrows(ResultFileException.class, () -> JmhJson.read(bad))
                    .getMessage());
            assertEquals(1, message.lines().count(), message);
        }
    }

    private static Path sample() throws URISyntaxException {
        return Path.of(Objects.requireNonNull(JmhJsonTest.class.getResource("/leakmark/reports/jmh.json"))
                .toURI());
    }
}
