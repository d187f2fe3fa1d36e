package leakmark.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import leakmark.kernels.KernelProviders;
import leakmark.kernels.Matrix;
import leakmark.kernels.RowSpace;
import leakmark.kernels.vector.VectorKernels;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What goes wrong under the provider comes out as one line, releases its memory, and leaves a usable provider. */
@ExtendWith(NoLeaks.class)
class CudaFaultsTest {
    private static final int LAUNCH_FAILED = 719;

    /** Columns of three different lengths of wave: rank 3. */
    private static Matrix gradient() {
        Matrix matrix = Matrix.zeros(64, 192);
        for (int i = 0; i < 64; i++) {
            for (int j = 0; j < 192; j++) {
                matrix.data()[i * 192 + j] = (float) Math.sin(0.1 * (1 + j % 3) * (i + 1)) * (1 + j);
            }
        }
        return matrix;
    }

    private static int rank() {
        try (RowSpace space = new CudaKernels().spanProjection().rowSpace(gradient())) {
            return space.rank();
        }
    }

    @Test
    void tooLittleMemorySaysHowMuchIsMissing() {
        StandIn.capacity(60_000);
        CudaError error = assertThrows(CudaError.class, CudaFaultsTest::rank);
        assertTrue(error.isOutOfMemory(), error.getMessage());
        assertTrue(String.valueOf(error.getMessage()).matches(".*needs [0-9.]+ MiB .* [0-9.]+ MiB are free.*"));
        StandIn.capacity(1 << 30);
        assertEquals(3, rank());
    }

    @Test
    void aFailedKernelLeavesTheProviderUsable() {
        Matrix table = gradient();
        assertEquals(3, rank());
        StandIn.failNextLaunch(LAUNCH_FAILED);
        CudaError error = assertThrows(CudaError.class, CudaFaultsTest::rank);
        assertTrue(String.valueOf(error.getMessage()).startsWith("CUDA_ERROR_LAUNCH_FAILED"), error.getMessage());
        assertEquals(3, rank());
        assertEquals(
                64,
                new CudaKernels()
                        .vocabularySweep()
                        .sweep(table, Matrix.zeros(192, 1), Matrix.zeros(1, 1), 1)
                        .count());
    }

    /** The stand-in imitates a GPU: only who asks for it by name gets it. */
    @Test
    void theStandInIsNobodysDefault() {
        assertTrue(new CudaKernels().availability().available());
        assertTrue(new CudaKernels().isImitation());
        assertEquals("cuda", KernelProviders.byName("cuda").name());
        assertTrue(KernelProviders.best() instanceof VectorKernels);
    }
}
