package leakmark.benchmarks.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import leakmark.benchmarks.bundle.Bundle;
import leakmark.kernels.cuda.CudaDevice;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code profile} and {@code bundle} where there is no GPU. */
class GpuVerbsTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    /** Hand-computed: gpt2's table is 50257·768·4 bytes = 154.39 MB, on 4800 GB/s 0.03216 ms; its FLOPs take less. */
    @Test
    void predictsFromTheDeclaredCost() throws IOException {
        Outcome text = Outcome.of("profile", "vocabulary-sweep", "--predict");
        assertEquals(0, text.status(), text.errors());
        assertTrue(text.output().contains("PREDICTED, not measured"), text.output());
        JsonNode json = MAPPER.readTree(
                Outcome.of("profile", "vocabulary-sweep", "--predict", "--json").output());
        JsonNode h200 = json.path("predictions")
                .path(json.path("predictions").findValuesAsText("device").indexOf("H200"));
        assertEquals(
                4.0 * 50257 * 768 / 4.8e12 * 1e3,
                h200.path("predictedMilliseconds").doubleValue(),
                1e-9);
        assertEquals("memory", h200.path("boundBy").asText());
        assertFalse(json.has("measured"));
    }

    @Test
    void saysThatNothingWasMeasuredWithoutAGpu() {
        Assumptions.assumeTrue(
                !CudaDevice.availability().available() || CudaDevice.shared().isStandIn(),
                "SKIPPED: this machine has a GPU");
        Outcome outcome = Outcome.of("profile", "residuals", "--gpu", "--model", "tiny");
        assertEquals(ExitCode.UNFIT.status(), outcome.status(), outcome.errors());
        assertTrue(outcome.output().contains("no GPU: "), outcome.output());
        assertTrue(outcome.output().contains("PREDICTED, not measured"), outcome.output());
    }

    @ParameterizedTest
    @CsvSource({
        "profile sweep --gpu, nothing is called 'sweep'; there are dager",
        "profile residuals --gpu --model gpt5, no preset 'gpt5'",
        "profile residuals --gpu --batch-size 0, --batch-size must be at least 1",
        "profile residuals --predict --sequence-length 1, --sequence-length 3 to 1024",
        "profile dager --gpu, no kernel 'dager'; there are vocabulary-sweep",
        "bundle --out /nowhere/at/all, there is no folder /nowhere/at",
        "bundle --out new --gradient missing.safetensors, missing.safetensors is no file",
        "bundle --out /, / is there already",
        "bundle --out new --compression zip, no compression 'zip'; there are xz and gzip",
    })
    void wrongUseIsOneLine(String line, String message) {
        Outcome outcome = Outcome.of(line.split(" "));
        assertEquals(ExitCode.USAGE.status(), outcome.status(), outcome.errors());
        assertTrue(outcome.errors().contains(message), outcome.errors());
        assertEquals(1, outcome.errors().lines().count(), outcome.errors());
    }

    @Test
    void aBundleRunsWithItsOwnJava() throws IOException, InterruptedException {
        Path jdk = newJdk();
        Path bundle = folder.resolve("bundle");
        Path gradient = Files.writeString(folder.resolve("shared.safetensors"), "not read when it is packed");
        Outcome outcome = Outcome.of(
                "bundle",
                "--out",
                bundle.toString(),
                "--gradient",
                gradient.toString(),
                "--jdk",
                jdk.toString(),
                "--compression",
                "gzip");
        assertEquals(0, outcome.status(), outcome.errors());
        assertTrue(Files.size(bundle.resolve("program.tar.gzip")) > 5 << 20);
        assertTrue(Files.exists(bundle.resolve("gradients/shared.safetensors")));
        assertFalse(Files.exists(bundle.resolve("program")), "unpacked only where it runs");
        Process run = new ProcessBuilder(bundle.resolve("run").toString(), "profile", "residuals", "--predict")
                .redirectErrorStream(true)
                .start();
        String output = new String(run.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertEquals(0, run.waitFor(), output);
        assertTrue(output.contains("PREDICTED"), output);
    }

    @Test
    void aBundleOverSixtyMebibytesIsRefused() throws IOException {
        Path jdk = newJdk();
        Path large = folder.resolve("large.safetensors");
        try (java.io.RandomAccessFile file = new java.io.RandomAccessFile(large.toFile(), "rw")) {
            file.setLength(Bundle.MOST_BYTES + 1);
        }
        Path bundle = folder.resolve("bundle");
        Outcome outcome = Outcome.of(
                "bundle", "--out", bundle.toString(), "--gradient", large.toString(), "--jdk", jdk.toString());
        assertEquals(ExitCode.USAGE.status(), outcome.status(), outcome.errors());
        assertTrue(outcome.errors().contains("over 60: take fewer or smaller gradients (60.0 MiB)"), outcome.errors());
        try (java.util.stream.Stream<Path> left = Files.list(folder)) {
            assertEquals(1, left.count(), "nothing is left behind");
        }
    }

    private static Path newJdk() {
        try {
            return Bundle.jdk();
        } catch (IOException none) {
            Assumptions.abort("SKIPPED: " + none.getMessage());
            throw new IllegalStateException(none);
        }
    }
}
