package leakmark.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The driver layer, and the stand-in under it: each feature that kernels use, once. */
@ExtendWith(NoLeaks.class)
class DriverTest {
    private CudaDevice device;
    private CudaModule kernels;

    @BeforeEach
    void open() {
        device = CudaDevice.shared();
        kernels = CudaModule.load(
                device,
                "driver_test",
                PtxCompiler.manifest(PtxCompiler.OF_TESTS).ptx("driver_test"));
    }

    @Test
    void theStandInSaysThatItIsOne() {
        assertTrue(device.isStandIn(), device.name());
        assertEquals(70, device.computeCapability());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 255, 4 << 20, (2 << 20) + 3})
    void copiesArraysThroughAKernel(int count) {
        float[] values = new float[4 * count];
        Random random = new Random(count);
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat();
        }
        float[] copied = new float[values.length + 1];
        try (Stream stream = new Stream(device);
                Staging staging = new Staging(stream);
                DeviceMemory source = device.allocate(16L * count, "a source");
                DeviceMemory target = device.allocate(16L * count, "a target")) {
            staging.upload(values, 0, values.length, source, 0);
            device.kernel("roofs", "roof_copy").launch(stream, Grid.of(3, 256), source, target, (long) count);
            staging.download(target, 0, copied, 1, values.length);
        }
        assertEquals(0, copied[0]);
        assertArrayEquals(values, java.util.Arrays.copyOfRange(copied, 1, copied.length));
    }

    @Test
    void passesEveryKindOfParameter() {
        double[] sums = new double[3];
        try (Stream stream = new Stream(device);
                Staging staging = new Staging(stream);
                DeviceMemory out = device.allocate(24, "sums")) {
            kernels.kernel("parameters").launch(stream, Grid.of(3, 32), out, 1, 1L << 40, 0.5f, 0.25);
            staging.download(out, 0, sums, 0, 3);
        }
        double expected = 1 + (1L << 40) + 0.5 + 0.25;
        assertArrayEquals(new double[] {expected, expected, expected}, sums);
    }

    @Test
    void refusesArgumentsThatThePtxDoesNotTake() {
        try (Stream stream = new Stream(device);
                DeviceMemory out = device.allocate(8, "sums")) {
            Kernel kernel = kernels.kernel("parameters");
            Grid grid = Grid.of(1, 32);
            assertThrows(IllegalArgumentException.class, () -> kernel.launch(stream, grid, out, 1, 1L, 0.5f));
            assertThrows(IllegalArgumentException.class, () -> kernel.launch(stream, grid, out, 1, 1L, 0.5, 0.25));
            assertThrows(IllegalArgumentException.class, () -> kernel.launch(stream, grid, out, 1, 1, 0.5f, 0.25));
            assertThrows(IllegalArgumentException.class, () -> kernel.launch(stream, grid, out, out, 1L, 0.5f, 0.25));
            assertThrows(IllegalArgumentException.class, () -> kernel.launch(stream, grid, out, 1, 1L, 0.5f, "x"));
            assertThrows(IllegalArgumentException.class, () -> kernels.kernel("no_such_kernel"));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, 12345})
    void sumsByWarpsSharedMemoryAndAtomics(long order) {
        StandIn.order(order);
        int n = 702;
        float[] values = new float[n];
        double expected = 0;
        int above = 0;
        for (int i = 0; i < n; i++) {
            values[i] = (i % 5) - 1;
            expected += values[i];
            above += values[i] > 0 ? 1 : 0;
        }
        float[] sum = new float[1];
        int[] positive = new int[1];
        try (Stream stream = new Stream(device);
                Staging staging = new Staging(stream);
                DeviceMemory input = device.allocate(4L * n, "values");
                DeviceMemory results = device.allocate(8, "results")) {
            staging.upload(values, 0, n, input, 0);
            results.clear(stream);
            kernels.kernel("block_sum").launch(stream, Grid.over(n, 256), input, n, results, results.from(4));
            staging.download(results, 0, sum, 0, 1);
            staging.download(results, 4, positive, 0, 1);
        }
        assertEquals(expected, sum[0]);
        assertEquals(above, positive[0]);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, 12345})
    void barriersHoldDynamicSharedMemoryTogether(long order) {
        StandIn.order(order);
        assertArrayEquals(reversed(), launched("reverse_tiles"));
    }

    /** Runs a kernel over two tiles of 96 numbers. */
    private float[] launched(String kernel) {
        float[] values = new float[192];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        try (Stream stream = new Stream(device);
                Staging staging = new Staging(stream);
                DeviceMemory memory = device.allocate(4L * values.length, "tiles")) {
            staging.upload(values, 0, values.length, memory, 0);
            kernels.kernel(kernel).launch(stream, Grid.of(2, 96).shared(4 * 96), memory);
            staging.download(memory, 0, values, 0, values.length);
        }
        return values;
    }

    private static float[] reversed() {
        float[] values = new float[192];
        for (int i = 0; i < values.length; i++) {
            values[i] = i / 96 * 96 + 95 - i % 96;
        }
        return values;
    }
}
