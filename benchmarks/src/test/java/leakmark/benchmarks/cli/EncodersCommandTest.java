package leakmark.benchmarks.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import leakmark.reports.result.Result;
import leakmark.reports.result.ResultFile;
import leakmark.reports.result.ResultFiles;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EncodersCommandTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    /** Two strengths, the published search beside the smallest batch, curves in the report. */
    @Test
    void aStudyHasCurvesAndThePublishedSearch() throws IOException {
        Path json = folder.resolve("out.json");
        Path out = folder.resolve("report");
        Outcome outcome = Outcome.of(
                "encoders",
                "--model",
                "bert-mini",
                "--weight-stds",
                "0.02,0.05",
                "--batch-sizes",
                "2,3",
                "--sequence-lengths",
                "7",
                "--seeds",
                "1",
                "--published",
                "100",
                "--out",
                out.toString(),
                "--json",
                json.toString());
        assertEquals(0, outcome.status(), outcome.errors());
        ResultFile file = ResultFiles.read(json);
        // 2 + 4 + … + 32 = 62 sentences at B = 2, 363 at B = 3.
        assertEquals(6, file.results().size());
        List<Result> published = file.results().stream()
                .filter(r -> r.key().variant().equals(Result.Key.PUBLISHED))
                .toList();
        assertEquals(2, published.size());
        assertTrue(published.stream().allMatch(r -> "2".equals(r.key().params().get("batchSize"))));
        for (Result result : file.results()) {
            if (!published.contains(result)) {
                assertEquals(1.0, result.quality().get(Result.EXACT_RATE), result.toString());
            }
        }
        assertTrue(Files.readString(out.resolve("report.html")).contains("id=\"recovery\""));
    }

    @Test
    void shapesAreMeasuredInsteadOfAllPairs() throws IOException {
        Path json = folder.resolve("out.json");
        Outcome outcome = Outcome.of(
                "encoders",
                "--model",
                "bert-mini",
                "--weight-stds",
                "0.05",
                "--shapes",
                "1x6,2x7",
                "--seeds",
                "1",
                "--published",
                "0",
                "--out",
                folder.resolve("report").toString(),
                "--json",
                json.toString());
        assertEquals(0, outcome.status(), outcome.errors());
        assertEquals(
                List.of("1 × 6", "2 × 7"),
                ResultFiles.read(json).results().stream()
                        .map(result -> result.key().params())
                        .map(params -> params.get("batchSize") + " × " + params.get("sequenceLength"))
                        .toList());
    }

    @Test
    void wrongUseIsAnsweredInOneLine() {
        for (String[] use : new String[][] {
            {"--model", "gpt2"},
            {"--seeds", "0"},
            {"--batch-sizes", "0"},
            {"--sequence-lengths", "600"},
            {"--shapes", "8by44"},
            {"--shapes", "2x7,2x600"},
            {"--weight-stds", "0"}
        }) {
            Outcome outcome = Outcome.of("encoders", use[0], use[1]);
            assertEquals(2, outcome.status(), use[0]);
            assertEquals(1, outcome.errors().lines().count(), outcome.errors());
        }
    }
}
