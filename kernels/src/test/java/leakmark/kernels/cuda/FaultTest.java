package leakmark.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import jcuda.driver.CUresult;
import leakmark.kernels.Availability;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.opentest4j.AssertionFailedError;

/** What goes wrong on a machine with a GPU, and what is wrong in a kernel: one line each, and the process goes on. */
@ExtendWith(NoLeaks.class)
class FaultTest {
    @BeforeEach
    void leaveOutOfTheRecording() {
        StandIn.unrecorded();
    }

    // ---- the machine ----

    @Test
    void noDevice() {
        StandIn.devices(0);
        assertUnavailable("CUDA_ERROR_NO_DEVICE");
    }

    @ParameterizedTest
    @CsvSource({"100, CUDA_ERROR_NO_DEVICE", "803, CUDA_ERROR_SYSTEM_DRIVER_MISMATCH", "999, CUDA_ERROR_UNKNOWN"})
    void aDriverThatDoesNotStart(int code, String name) {
        StandIn.initialisation(code);
        assertUnavailable(name);
    }

    @Test
    void aDriverOlderThanThePtx() {
        StandIn.driverVersion(9020);
        assertUnavailable("CUDA_ERROR_UNSUPPORTED_PTX_VERSION");
        assertTrue(
                CudaDevice.availability().reason().contains("CUDA 9.2"),
                CudaDevice.availability().reason());
    }

    private static void assertUnavailable(String error) {
        Availability availability = CudaDevice.availability();
        assertFalse(availability.available());
        assertTrue(availability.reason().startsWith(error), availability.reason());
        assertEquals(1, availability.reason().lines().count());
        String thrown = message(assertThrows(IllegalStateException.class, CudaDevice::shared));
        assertEquals(availability.reason(), thrown);
    }

    @Test
    void ptxThatTheDriverIsTooOldFor() {
        CudaDevice device = CudaDevice.shared();
        String newer = ptx().replace(".version 6.3", ".version 9.0");
        assertError(
                CUresult.CUDA_ERROR_UNSUPPORTED_PTX_VERSION,
                assertThrows(CudaError.class, () -> CudaModule.load(device, "driver_test", newer)));
        String younger = ptx().replace(".target sm_70", ".target sm_90");
        assertError(
                CUresult.CUDA_ERROR_NO_BINARY_FOR_GPU,
                assertThrows(CudaError.class, () -> CudaModule.load(device, "driver_test", younger)));
        assertWorks();
    }

    @Test
    void tooLittleMemory() {
        StandIn.capacity(10 << 20);
        CudaDevice device = CudaDevice.shared();
        try (DeviceMemory held = device.allocate(3 << 20, "a table")) {
            CudaError error = assertThrows(CudaError.class, () -> device.allocate(8 << 20, "another table"));
            assertError(CUresult.CUDA_ERROR_OUT_OF_MEMORY, error);
            assertTrue(error.isOutOfMemory());
            assertTrue(
                    message(error).contains("another table needs 8.0 MiB")
                            && message(error).contains("7.0 MiB are free")
                            && message(error).contains("holds 3.0 MiB"),
                    message(error));
            assertEquals(3 << 20, held.bytes());
        }
        device.allocate(10 << 20, "all of it").close();
        assertWorks();
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                CUresult.CUDA_ERROR_ILLEGAL_ADDRESS,
                CUresult.CUDA_ERROR_LAUNCH_FAILED,
                CUresult.CUDA_ERROR_ECC_UNCORRECTABLE
            })
    void aLostContextReleasesItsMemory(int code) {
        CudaDevice device = CudaDevice.shared();
        DeviceMemory memory = device.allocate(1 << 20, "a table");
        Stream stream = new Stream(device);
        StandIn.loseContext(code);
        CudaError error = assertThrows(CudaError.class, stream::synchronize);
        assertError(code, error);
        assertTrue(error.isContextLost());
        assertEquals(0, StandIn.allocations());
        assertEquals(List.of(), device.unreleased());
        assertThrows(IllegalStateException.class, () -> memory.clear(stream));
        memory.close();
        stream.close();
        assertWorks();
    }

    @Test
    void aFailedLaunchNamesItsKernel() {
        CudaDevice device = CudaDevice.shared();
        StandIn.failNextLaunch(CUresult.CUDA_ERROR_ILLEGAL_INSTRUCTION);
        CudaError error = assertThrows(CudaError.class, () -> launched("reverse_tiles"));
        assertError(CUresult.CUDA_ERROR_ILLEGAL_INSTRUCTION, error);
        assertEquals(0, StandIn.allocations());
        assertFalse(device.isOpen());
        assertWorks();
    }

    @Test
    void aShapeThatNoDeviceTakes() {
        CudaDevice device = CudaDevice.shared();
        try (Stream stream = new Stream(device);
                DeviceMemory memory = device.allocate(4, "values")) {
            Kernel kernel = kernels(device).kernel("reverse_tiles");
            for (Grid grid :
                    List.of(Grid.of(0, 32), Grid.of(1, 1025), Grid.of(1, 32).rows(65536))) {
                assertError(
                        CUresult.CUDA_ERROR_INVALID_VALUE,
                        assertThrows(CudaError.class, () -> kernel.launch(stream, grid, memory)));
            }
            assertThrows(
                    CudaError.class, () -> kernel.launch(stream, Grid.of(1, 32).shared(1 << 20), memory));
        }
        assertWorks();
    }

    @Test
    void closedMemoryIsNoArgument() {
        CudaDevice device = CudaDevice.shared();
        try (Stream stream = new Stream(device)) {
            DeviceMemory memory = device.allocate(4 * 32, "values");
            memory.close();
            memory.close();
            Kernel kernel = kernels(device).kernel("reverse_tiles");
            assertThrows(
                    IllegalStateException.class,
                    () -> kernel.launch(stream, Grid.of(1, 32).shared(128), memory));
        }
    }

    // ---- planted faults in kernels ----

    @Test
    void aWriteOutOfBounds() {
        CudaError error = assertThrows(CudaError.class, () -> {
            CudaDevice device = CudaDevice.shared();
            try (Stream stream = new Stream(device);
                    DeviceMemory memory = device.allocate(4 * 207, "values")) {
                kernels(device).kernel("fault_out_of_bounds").launch(stream, Grid.over(208, 32), memory, 207);
                stream.synchronize();
            }
        });
        assertError(CUresult.CUDA_ERROR_ILLEGAL_ADDRESS, error);
        assertTrue(message(error).contains("fault_out_of_bounds"), message(error));
        assertWorks();
    }

    @Test
    void aMissingBarrierShowsInSomeOrder() {
        assertTrue(
                StandIn.ORDERS.stream().anyMatch(order -> {
                    StandIn.order(order);
                    return !Arrays.equals(reversed(), launched("fault_no_barrier"));
                }),
                "no order sees it");
    }

    @Test
    void aBarrierThatNotAllReach() {
        CudaError error = assertThrows(CudaError.class, () -> launched("fault_divergent_barrier"));
        assertError(CUresult.CUDA_ERROR_LAUNCH_FAILED, error);
        assertWorks();
    }

    @Test
    void memoryNobodyWroteIsNotANumber() {
        CudaDevice device = CudaDevice.shared();
        float[] read = new float[8];
        try (Stream stream = new Stream(device);
                Staging staging = new Staging(stream);
                DeviceMemory out = device.allocate(4 * 9, "values")) {
            staging.download(out, 4, read, 0, 8);
            assertTrue(Float.isNaN(read[0]) && Float.isNaN(read[7]), "device memory");
            Arrays.fill(read, 0);
            kernels(device)
                    .kernel("read_unwritten")
                    .launch(stream, Grid.of(8, 64).shared(64), out);
            staging.download(out, 0, read, 0, 8);
        }
        for (float value : read) {
            assertTrue(Float.isNaN(value), "shared memory: " + value);
        }
    }

    @Test
    void aLeakFailsItsTest() {
        CudaDevice device = CudaDevice.shared();
        device.allocate(1024, "something forgotten");
        AssertionFailedError failure = assertThrows(AssertionFailedError.class, () -> NoLeaks.check(device));
        assertTrue(message(failure).contains("device memory for something forgotten, 1024 bytes"), message(failure));
        assertEquals(0, StandIn.allocations());
    }

    @Test
    void ptxThatIsNotTheTestedOneIsRefused() {
        PtxManifest altered = new PtxManifest(name -> {
            String text = PtxCompiler.readSource(PtxCompiler.OF_TESTS.resolve(name));
            return name.endsWith(".ptx") ? text.replace("add.f32", "sub.f32") : text;
        });
        String message = message(assertThrows(IllegalStateException.class, () -> altered.ptx("driver_test")));
        assertTrue(message.contains("driver_test.ptx is not the one that was tested"), message);
    }

    // ---- helpers ----

    private static String message(Throwable failure) {
        return String.valueOf(failure.getMessage());
    }

    private static void assertError(int code, CudaError error) {
        assertEquals(code, error.code());
        assertTrue(message(error).startsWith(CUresult.stringFor(code) + ": "), message(error));
        assertEquals(1, message(error).lines().count(), message(error));
    }

    /** After a fault the same process gets right results again. */
    private static void assertWorks() {
        StandIn.load();
        StandIn.unrecorded();
        assertArrayEquals(reversed(), launched("reverse_tiles"));
    }

    private static String ptx() {
        return PtxCompiler.manifest(PtxCompiler.OF_TESTS).ptx("driver_test");
    }

    private static CudaModule kernels(CudaDevice device) {
        return CudaModule.load(device, "driver_test", ptx());
    }

    private static float[] launched(String kernel) {
        CudaDevice device = CudaDevice.shared();
        float[] values = new float[192];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        try (Stream stream = new Stream(device);
                Staging staging = new Staging(stream);
                DeviceMemory memory = device.allocate(4L * values.length, "tiles")) {
            staging.upload(values, 0, values.length, memory, 0);
            kernels(device).kernel(kernel).launch(stream, Grid.of(2, 96).shared(4 * 96), memory);
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
