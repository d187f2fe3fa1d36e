package leakmark.kernels.vector;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class RoofsTest {
    @Test
    void memoryIsAtLeastAsFastAsAPlainCopy() {
        float[] from = new float[1 << 24];
        Arrays.fill(from, 1);
        float[] to = from.clone();
        long start = System.nanoTime();
        System.arraycopy(from, 0, to, 0, from.length);
        double read = 4e-9 * from.length / ((System.nanoTime() - start) * 1e-9);
        double roof = Roofs.memoryBandwidth(1);
        // A copy reads as much as it writes, so reading alone is faster; half leaves room for a machine with company.
        assertTrue(roof > read / 2, roof + " GB/s, a copy reads " + read);
        assertTrue(roof < 2000, roof + " GB/s from one thread: the loop was optimised away");
    }

    @Test
    void arithmeticIsFasterThanAScalarLoopAndWithinPhysics() {
        float x = 0.5f;
        long start = System.nanoTime();
        for (int i = 0; i < 50_000_000; i++) {
            x = x * 0.999f + 0.001f;
        }
        double scalar = 2 * 0.05 / ((System.nanoTime() - start) * 1e-9);
        double roof = Roofs.fmaRate(1);
        assertTrue(x > 0 && roof > scalar, roof + " GFLOP/s, a chain of scalars does " + scalar);
        // Two 512-bit units at 8 GHz.
        assertTrue(roof < 512, roof + " GFLOP/s from one thread: the loop was optimised away");
    }

    @Test
    void needsAThread() {
        assertThrows(IllegalArgumentException.class, () -> Roofs.memoryBandwidth(0));
        assertThrows(IllegalArgumentException.class, () -> Roofs.fmaRate(-1));
    }
}
