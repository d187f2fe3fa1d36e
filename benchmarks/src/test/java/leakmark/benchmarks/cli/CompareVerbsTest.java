package leakmark.benchmarks.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import leakmark.reports.result.Machine;
import leakmark.reports.result.Result;
import leakmark.reports.result.Result.Status;
import leakmark.reports.result.ResultFile;
import leakmark.reports.result.ResultFiles;
import leakmark.reports.result.Run;
import leakmark.reports.result.Summary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code compare} on files, and {@code ab} on two jars whose forks are real JVMs. */
class CompareVerbsTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private Outcome run(String line) {
        return Outcome.of(line.replace("@", folder.toString()).split(" +", -1));
    }

    private Result cell(double time) {
        List<List<Double>> rounds = DoubleStream.of(1, 1.01, 0.99, 1.005, 0.995)
                .mapToObj(luck -> List.of(time * luck))
                .toList();
        return new Result(
                new Result.Key("RowSpace.all", "vector", Map.of("rank", "50")),
                null,
                new Result.Metric("ms/op", Result.Better.LOWER),
                Status.OK,
                List.of(),
                Map.of(),
                null,
                rounds,
                Summary.of(rounds),
                Map.of(),
                Map.of());
    }

    private void write(String name, String machine, Result... results) throws IOException {
        ResultFiles.write(
                new ResultFile(
                        new Run("2026-01-01T00:00:00Z", null, List.of("run"), 1, Map.of()),
                        new Machine(machine, Map.of(), Map.of(), Map.of()),
                        List.of(),
                        List.of(results),
                        List.of()),
                folder.resolve(name));
    }

    @Test
    void filesAreComparedUnpaired() throws IOException {
        write("a.json", "m", cell(10));
        write("b.json", "m", cell(12));
        Outcome slower = run("compare @/a.json @/b.json --markdown @/s.md --html @/r.html --json @/c.json");
        assertEquals(1, slower.status(), slower.errors());
        assertTrue(slower.output().contains("1 slower.** Unpaired: two files from different times"), slower.output());
        assertTrue(Files.readString(folder.resolve("s.md")).contains("REGRESSED | +20.0 %"));
        assertTrue(Files.readString(folder.resolve("r.html")).contains("id=\"compare\""));
        ResultFile written = ResultFiles.read(folder.resolve("c.json"));
        assertEquals("UNPAIRED", written.comparisons().get(0).method().name());
        assertEquals(0, run("compare @/b.json @/a.json").status());
        assertEquals(0, run("compare @/a.json @/a.json --strict").status());
        // JMH's tools can read what report writes, and so can compare.
        assertEquals(0, run("report @/a.json --out @/report --jmh @/jmhA.json").status());
        assertEquals(0, run("report @/b.json --out @/report --jmh @/jmhB.json").status());
        assertEquals(1, run("compare @/jmhA.json @/jmhB.json").status());
        // What a comparison wrote can be compared again.
        assertEquals(1, run("compare @/a.json @/c.json").status());
    }

    @Test
    void gatesAndGapsHaveTheirCodes() throws IOException {
        write("a.json", "m", cell(10));
        write("withheld.json", "m", cell(10).without(Status.WITHHELD, List.of("3 of 8 exact")));
        write("empty.json", "m");
        write("other.json", "elsewhere", cell(10));
        assertEquals(4, run("compare @/a.json @/withheld.json").status());
        assertEquals(5, run("compare @/a.json @/empty.json").status());
        Outcome machines = run("compare @/a.json @/other.json");
        assertEquals(2, machines.status());
        assertTrue(
                machines.errors().matches("leakmark: [^\n]*different machines \\(m, elsewhere\\)[^\n]*\n"),
                machines.errors());
        assertEquals(5, run("compare @/a.json @/other.json --across-machines").status());
    }

    @Test
    void jmhJsonIsComparedWithItsParameters() throws IOException {
        String json = "[{\"benchmark\":\"p.Sweep.run\",\"mode\":\"avgt\",\"threads\":1,\"params\":{\"rank\":\"50\"},"
                + "\"primaryMetric\":{\"score\":1,\"scoreError\":\"NaN\",\"scoreUnit\":\"ms/op\","
                + "\"rawData\":[[10],[10.1],[9.9],[10.05]]},\"secondaryMetrics\":{}}]";
        Files.writeString(folder.resolve("a.json"), json);
        Files.writeString(folder.resolve("b.json"), json.replace("10.", "11.").replace("9.9", "10.9"));
        Outcome outcome = run("compare @/a.json @/b.json --json");
        JsonNode cell = MAPPER.readTree(outcome.output())
                .path("comparisons")
                .path(0)
                .path("cells")
                .path(0);
        assertEquals("50", cell.path("key").path("params").path("rank").textValue());
        assertEquals(4, cell.path("head").size());
    }

    @Test
    void twoJarsAreMeasuredInTurn() throws IOException {
        Jars.ofThisBuild(folder.resolve("base.jar"), "1");
        Jars.ofThisBuild(folder.resolve("head.jar"), "2");
        Outcome outcome = run(
                "ab @/base.jar @/head.jar --benchmark SelfTest -p percentSlower=0 -p sequenceLength=50"
                        + " -wi 1 -w 20ms -i 2 -r 20ms --rounds 6 --tolerance 0.9 --out @/ab --markdown @/s.md --json @/c.json");
        assertEquals(0, outcome.status(), outcome.errors() + outcome.output());
        JsonNode comparison = MAPPER.readTree(folder.resolve("c.json").toFile())
                .path("comparisons")
                .path(0);
        assertNotEquals(
                comparison.path("base").path("codeHash").textValue(),
                comparison.path("head").path("codeHash").textValue());
        assertEquals(6, comparison.path("cells").path(0).path("base").size());
        assertEquals(6, comparison.path("control").path("head").size());
        assertTrue(comparison.path("cells").path(0).path("base").path(0).doubleValue() > 0);
        ResultFile file = ResultFiles.read(folder.resolve("ab/result.json"));
        assertEquals(6, file.results().get(0).rounds().size());
        assertEquals(2, file.results().get(0).rounds().get(0).size());
        assertTrue(Files.readString(folder.resolve("ab/report.html")).contains("id=\"compare\""));
        assertTrue(Files.readString(folder.resolve("s.md")).contains("head.jar against"));

        Outcome equal = run("ab @/base.jar @/base.jar --benchmark SelfTest --out @/equal");
        assertEquals(0, equal.status(), equal.errors());
        assertTrue(equal.output().contains("both sides run the same code"), equal.output());
        assertFalse(equal.output().contains("Negative control"), equal.output());
    }
}
