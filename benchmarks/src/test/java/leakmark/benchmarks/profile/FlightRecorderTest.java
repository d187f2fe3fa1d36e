package leakmark.benchmarks.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import leakmark.reports.result.Profile.Share;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlightRecorderTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    /** Keeps the JIT from dropping the loops. */
    @SuppressWarnings("UnusedVariable")
    private double sink;

    private int[] kept = {};

    /** Ten parts of arithmetic in one method to one part in another, and arrays of ints. */
    private void planted() {
        hot(2_000_000);
        cool(200_000);
        kept = new int[1_000_000];
    }

    private void hot(int times) {
        for (int i = 1; i < times; i++) {
            sink += 1.0 / i;
        }
    }

    private void cool(int times) {
        for (int i = 1; i < times; i++) {
            sink -= 1.0 / i;
        }
    }

    @Test
    void aPlantedHotSpotIsFound() throws IOException {
        FlightRecorder.Seen seen = FlightRecorder.watch(this::planted, 1.5, folder.resolve("profile.jfr"));
        assertTrue(seen.calls() > 10 && seen.seconds() >= 1.5, seen.toString());
        assertTrue(seen.samples() > 20, seen.samples() + " samples");
        assertTrue(share(seen.frames(), "hot") > 0.5, seen.frames().toString());
        assertTrue(
                share(seen.frames(), "hot") > 3 * share(seen.frames(), "cool"),
                seen.frames().toString());
        assertEquals("[I", seen.allocations().get(0).name());
        assertTrue(share(seen.allocators(), "planted") > 0.5, seen.allocators().toString());
        double sum = seen.frames().stream().mapToDouble(Share::share).sum();
        assertTrue(sum > 0.5 && sum <= 1 + 1e-9, "shares add up to " + sum);
        assertEquals(1_000_000, kept.length);
    }

    private static double share(java.util.List<Share> shares, String method) {
        return shares.stream()
                .filter(share -> share.name().endsWith("FlightRecorderTest." + method))
                .mapToDouble(Share::share)
                .sum();
    }
}
