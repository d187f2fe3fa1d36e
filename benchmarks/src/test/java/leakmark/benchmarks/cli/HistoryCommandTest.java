package leakmark.benchmarks.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import leakmark.reports.result.Machine;
import leakmark.reports.result.Result;
import leakmark.reports.result.ResultFile;
import leakmark.reports.result.ResultFiles;
import leakmark.reports.result.Roof;
import leakmark.reports.result.Run;
import leakmark.reports.result.Summary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryCommandTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private final SplittableRandom random = new SplittableRandom(13);

    /** One run of one cell, with 2 % noise; a machine's speed divides the time and multiplies its roofs. */
    private Outcome add(int run, double milliseconds, String machine, double speed, String... more) throws IOException {
        double time = milliseconds / speed * (1 + 0.02 * (random.nextDouble() - 0.5));
        List<List<Double>> rounds = List.of(List.of(time, time * 1.01, time * 0.99));
        Path file = folder.resolve("run.json");
        ResultFiles.write(
                new ResultFile(
                        new Run("2026-01-%02dT00:00:00Z".formatted(run + 1), "rev" + run, List.of("run"), 1, Map.of()),
                        new Machine(machine, Map.of(), Map.of(), Map.of()),
                        List.of(
                                new Roof("memory bandwidth", 2, 20 * speed, "GB/s"),
                                new Roof("fused multiply-add", 2, 100 * speed, "GFLOP/s")),
                        List.of(new Result(
                                new Result.Key("DagerBenchmark.attack", "vector", Map.of("batchSize", "8")),
                                null,
                                new Result.Metric("ms/op", Result.Better.LOWER),
                                Result.Status.OK,
                                List.of(),
                                Map.of(Result.EXACT_RATE, 1.0),
                                null,
                                rounds,
                                Summary.of(rounds),
                                Map.of(),
                                Map.of())),
                        List.of()),
                file);
        String[] args = {"history", "add", file.toString(), "--dir", history()};
        String[] all = java.util.Arrays.copyOf(args, args.length + more.length);
        System.arraycopy(more, 0, all, args.length, more.length);
        return Outcome.of(all);
    }

    private String history() {
        return folder.resolve("history").toString();
    }

    @Test
    void aSlowerRevisionIsFoundAndShown() throws IOException {
        for (int run = 0; run < 16; run++) {
            Outcome added = run == 9
                    ? add(run, 44, "m1", 1, "--note", "new <token> filter")
                    : add(run, run < 9 ? 40 : 44, "m1", 1);
            assertEquals(0, added.status(), added.errors());
        }
        Outcome detected = Outcome.of("history", "detect", "--dir", history());
        assertEquals(1, detected.status(), detected.output() + detected.errors());
        assertTrue(
                detected.output()
                        .matches("(?s)WORSE  DagerBenchmark.attack vector .*: 1[.]\\d+ times .* from rev9, .*"
                                + "1 changes in 1 cells over 16 runs\n"),
                detected.output());
        Path page = folder.resolve("history.html");
        assertEquals(
                0,
                Outcome.of("history", "show", "--dir", history(), "--out", page.toString())
                        .status());
        String html = Files.readString(page);
        assertEquals(16, html.split("<circle class=\"ours mark s3", -1).length - 1);
        assertEquals(1, html.split("class=\"step worse\"", -1).length - 1);
        assertTrue(html.contains("new &lt;token&gt; filter"), "the note");
        Outcome twice = add(3, 40, "m1", 1);
        assertEquals(2, twice.status());
        assertTrue(twice.errors().contains("is there already: this run is in the history"), twice.errors());
    }

    /** A move to a machine twice as fast is no change; one that is better there is. */
    @Test
    void machinesAreComparedByTheirRoofs() throws IOException {
        for (int run = 0; run < 8; run++) {
            add(run, 40, "m1", 1);
        }
        for (int run = 8; run < 16; run++) {
            add(run, 40, "m2", 2);
        }
        Outcome moved = Outcome.of("history", "detect", "--dir", history(), "--json");
        assertEquals(0, moved.status(), moved.errors());
        assertEquals(0, new ObjectMapper().readTree(moved.output()).size(), moved.output());
        for (int run = 16; run < 24; run++) {
            add(run, 30, "m2", 2);
        }
        Outcome better = Outcome.of("history", "detect", "--dir", history(), "--json");
        assertEquals(0, better.status(), better.errors());
        JsonNode changes = new ObjectMapper().readTree(better.output());
        assertEquals(1, changes.size(), better.output());
        assertEquals("rev16", changes.path(0).path("revision").textValue());
        assertEquals(0.75, changes.path(0).path("ratio").doubleValue(), 0.02);
    }
}
