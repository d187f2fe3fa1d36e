package leakmark.benchmarks.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import leakmark.benchmarks.gpu.DeviceMeasurement;
import leakmark.kernels.KernelProviders;
import leakmark.kernels.cuda.CudaDevice;
import leakmark.kernels.cuda.DeviceTimer;
import leakmark.kernels.cuda.StandIn;
import leakmark.kernels.cuda.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Nothing that reports a time takes the tests' stand-in for a GPU. */
@Tag("own-process")
class StandInRefusalTest {
    @BeforeEach
    void load() {
        StandIn.load();
        assertTrue(KernelProviders.byName("cuda").availability().available());
    }

    @Test
    void isNeverTheDefault() {
        assertEquals("vector", KernelProviders.best().name());
    }

    @Test
    void doctorSaysWhatItIs() {
        Gpu gpu = Gpu.here();
        assertEquals(false, gpu.usable());
        assertTrue(gpu.line().startsWith("not usable: leakmark stand-in"), gpu.line());
        assertTrue(gpu.roofs().isEmpty());
    }

    @Test
    void profileOnlyPredicts() {
        Outcome outcome = Outcome.of("profile", "vocabulary-sweep", "--gpu", "--model", "tiny");
        assertEquals(ExitCode.UNFIT.status(), outcome.status(), outcome.errors());
        assertTrue(outcome.output().contains("no GPU: leakmark stand-in"), outcome.output());
        assertTrue(outcome.output().contains("PREDICTED, not measured"), outcome.output());
    }

    @Test
    void runRefusesIt() {
        Outcome outcome = Outcome.of("run", "-p", "provider=cuda");
        assertEquals(ExitCode.UNFIT.status(), outcome.status(), outcome.errors());
        assertTrue(outcome.errors().contains("stand-in for a GPU"), outcome.errors());
    }

    @Test
    void timingRefusesIt() {
        CudaDevice device = CudaDevice.shared();
        try (Stream stream = new Stream(device);
                DeviceTimer timer = new DeviceTimer(device, stream)) {
            assertThrows(IllegalArgumentException.class, () -> DeviceMeasurement.of(device, timer, () -> {}, false));
            assertThrows(
                    IllegalArgumentException.class, () -> DeviceMeasurement.ofKernels(device, timer, () -> {}, true));
        }
    }
}
