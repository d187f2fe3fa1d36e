package leakmark.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The timing protocol's parts on the stand-in, whose clock is the host's: 1 GHz, as it claims. */
@ExtendWith(NoLeaks.class)
class DeviceTimerTest {
    private CudaDevice device;

    @BeforeEach
    void smallDevice() {
        StandIn.capacity(16 << 20);
        device = CudaDevice.shared();
    }

    @ParameterizedTest
    @CsvSource({"false, false", "false, true", "true, false", "true, true"})
    void timesWorkInItsStream(boolean cold, boolean blocked) {
        try (Stream stream = new Stream(device);
                DeviceTimer timer = new DeviceTimer(device, stream);
                DeviceMemory sums = device.allocate(4 * 256, "sums")) {
            Kernel fma = device.kernel("roofs", "roof_fma");
            DeviceTimer.Run run = timer.time(() -> fma.launch(stream, Grid.of(1, 256), sums, 100), cold, blocked);
            assertTrue(run.deviceMilliseconds() > 0 && run.hostMilliseconds() > 0, run.toString());
            // A busy host may stop between its two clocks, never the other way round.
            assertTrue(run.clockMegahertz() > 0 && run.clockMegahertz() < 1050, run.toString());
            assertEquals(run.clockMegahertz() < 750, run.throttled());
        }
    }

    @Test
    void splitsWhatAnOperationDoes() {
        float[] values = new float[1024];
        LaunchProfile.Split split;
        try (Stream stream = new Stream(device);
                Staging staging = new Staging(stream);
                DeviceMemory source = device.allocate(4096, "source");
                DeviceMemory target = device.allocate(4096, "target")) {
            Kernel copy = device.kernel("roofs", "roof_copy");
            copy.launch(stream, Grid.of(1, 256), source, target, 256L);
            LaunchProfile profile = LaunchProfile.start(device);
            staging.upload(values, 0, 1024, source, 0);
            copy.launch(stream, Grid.of(1, 256), source, target, 256L);
            copy.launch(stream, Grid.of(2, 128), source, target, 256L);
            staging.download(target, 0, values, 0, 1024);
            split = profile.stop();
            copy.launch(stream, Grid.of(1, 256), source, target, 256L);
        }
        assertEquals(
                List.of("copy to device", "roof_copy", "copy to host"),
                split.lines().stream().map(LaunchProfile.Line::name).toList());
        LaunchProfile.Line kernel = split.lines().get(1);
        assertEquals(2, kernel.count());
        assertEquals(2, split.launches());
        assertEquals(4096, split.lines().get(0).bytes());
        assertTrue(kernel.occupancy() > 0 && kernel.occupancy() <= 1, kernel.toString());
        assertTrue(split.kernelMilliseconds() > 0 && split.copyMilliseconds() > 0, split.toString());
        assertTrue(split.wallMilliseconds() >= split.kernelMilliseconds(), split.toString());
        assertTrue(split.driverMilliseconds() > 0 && split.driverMilliseconds() < split.wallMilliseconds());
    }

    @Test
    void roofsAreFiniteAndPositive() {
        for (double roof : new double[] {
            DeviceRoofs.copyBandwidth(device), DeviceRoofs.fmaRate(device), DeviceRoofs.doubleFmaRate(device)
        }) {
            assertTrue(roof > 0 && roof < 1e6, "" + roof);
        }
    }
}
