package leakmark.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The sanitizers find what is planted, with its line, and nothing where nothing is. With {@code -Dleakmark.sanitize=FOLDER}
 * the recordings of a whole test run are replayed, too.
 */
class SanitizerTest {
    private static final long ADDRESS = 1L << 40;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @BeforeAll
    static void compiler() {
        Assumptions.assumeTrue(HostCompiler.AVAILABLE, "SKIPPED: no g++ to build kernels with sanitizers");
    }

    @ParameterizedTest
    @CsvSource({
        "ADDRESS_AND_UNDEFINED, reverse_tiles",
        "THREAD, reverse_tiles",
        "ADDRESS_AND_UNDEFINED, swap_neighbours",
        "THREAD, swap_neighbours"
    })
    void aSoundKernelPasses(Sanitizer sanitizer, String kernel) throws IOException {
        HostCompiler.Outcome outcome = replay(sanitizer, kernel, 4 * 192, 96, 4 * 96);
        assertEquals(0, outcome.status(), outcome.output());
        assertTrue(outcome.output().contains("1 launches"), outcome.output());
    }

    @Test
    void aWriteOutOfBoundsIsFoundByLine() throws IOException {
        HostCompiler.Outcome outcome =
                replay(Sanitizer.ADDRESS_AND_UNDEFINED, "fault_out_of_bounds", 4 * 191, 96, 0, 191);
        assertTrue(outcome.status() != 0, outcome.output());
        assertTrue(outcome.output().contains("heap-buffer-overflow"), outcome.output());
        assertTrue(outcome.output().contains("driver_test.cu:" + line("values[i] = (float)i")), outcome.output());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"fault_no_barrier", "fault_no_warp_barrier", "fault_warp_barrier_only", "fault_half_warp_barrier"
            })
    void aMissingBarrierIsFoundByLine(String kernel) throws IOException {
        HostCompiler.Outcome outcome = replay(Sanitizer.THREAD, kernel, 4 * 192, 96, 4 * 96);
        assertTrue(outcome.status() != 0, outcome.output());
        assertTrue(outcome.output().contains("data race"), outcome.output());
        assertTrue(outcome.output().contains("driver_test.cu:" + (line(kernel + "(float") + 3)), outcome.output());
    }

    @Test
    void everyKernelOfARecordedRunIsSound() throws IOException {
        String recorded = System.getProperty("leakmark.sanitize");
        Assumptions.assumeTrue(recorded != null, "SKIPPED: no recorded run named by -Dleakmark.sanitize");
        List<Path> recordings = new ArrayList<>();
        try (Stream<Path> files = Files.list(Path.of(recorded))) {
            files.filter(file -> file.toString().endsWith(".recording"))
                    .sorted()
                    .forEach(recordings::add);
        }
        assertTrue(!recordings.isEmpty(), "nothing recorded in " + recorded);
        List<Path> sources = new ArrayList<>(HostCompiler.shipped());
        sources.addAll(StandIn.testKernels());
        Arrays.stream(Sanitizer.values()).parallel().forEach(sanitizer -> {
            HostCompiler.Outcome outcome = Sanitizer.replay(sanitizer.program(sources), 0, recordings);
            assertEquals(0, outcome.status(), sanitizer + "\n" + outcome.output());
            System.out.println(sanitizer + ": " + outcome.output().strip());
        });
    }

    /** Two blocks over one piece of memory, as libcuda.cpp would have recorded them. */
    private HostCompiler.Outcome replay(
            Sanitizer sanitizer, String kernel, long bytes, int threads, long shared, int... numbers)
            throws IOException {
        ByteBuffer record = ByteBuffer.allocate(1024).order(ByteOrder.nativeOrder());
        record.put((byte) 'A').putLong(ADDRESS).putLong(bytes);
        record.put((byte) 'L').putLong(kernel.length());
        for (long side : new long[] {2, 1, 1, threads, 1, 1, shared}) {
            record.putLong(side);
        }
        record.put(kernel.getBytes(StandardCharsets.US_ASCII)).putLong(ADDRESS);
        for (int number : numbers) {
            record.putInt(number);
        }
        Path file = folder.resolve("planted.recording");
        Files.write(file, Arrays.copyOf(record.array(), record.position()));
        return Sanitizer.replay(sanitizer.program(StandIn.testKernels()), 0, List.of(file));
    }

    private static int line(String text) {
        List<String> lines =
                PtxCompiler.readSource(StandIn.testKernels().get(0)).lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).contains(text)) {
                return i + 1;
            }
        }
        throw new IllegalStateException(text);
    }
}
