package leakmark.benchmarks.cli;

import java.util.List;
import java.util.Locale;
import leakmark.benchmarks.gpu.DeviceBound;
import leakmark.benchmarks.gpu.Ncu;
import leakmark.kernels.Availability;
import leakmark.kernels.cuda.CudaDevice;
import leakmark.kernels.cuda.CudaError;
import leakmark.reports.result.Roof;

/**
 * The machine's GPU, for {@code leakmark doctor}.
 *
 * @param usable whether kernels run on it
 * @param line what it is, or what is missing and what to do
 * @param roofs measured on it; none for the tests' stand-in
 */
record Gpu(boolean usable, String line, List<Roof> roofs) {
    private static final double GIB = 1L << 30;

    static Gpu here() {
        Availability availability = CudaDevice.availability();
        if (!availability.available()) {
            return new Gpu(false, "not usable: " + availability.reason(), List.of());
        }
        try {
            CudaDevice device = CudaDevice.shared();
            String line = described(device) + ", " + availability.reason() + ", "
                    + Ncu.find().map(path -> "ncu at " + path).orElse("no ncu");
            return device.isStandIn()
                    ? new Gpu(false, "not usable: " + line, List.of())
                    : new Gpu(true, line, roofs(device));
        } catch (CudaError failure) {
            return new Gpu(false, "not usable: " + failure.getMessage(), List.of());
        }
    }

    private static String described(CudaDevice device) {
        CudaDevice.DeviceMemorySize memory = device.memory();
        return String.format(
                Locale.ROOT,
                "%s, compute capability %.1f, %d multiprocessors, %.1f of %.1f GiB free",
                device.name(),
                device.computeCapability() / 10.0,
                device.multiprocessors(),
                memory.free() / GIB,
                memory.total() / GIB);
    }

    private static List<Roof> roofs(CudaDevice device) {
        DeviceBound measured = DeviceBound.measured(device);
        return List.of(
                new Roof("gpu copy", 1, measured.gigabytesPerSecond(), "GB/s"),
                new Roof("gpu multiply-add", 1, measured.gigaflopsPerSecond(), "GFLOP/s"),
                new Roof("gpu double", 1, measured.doubleGigaflopsPerSecond(), "GFLOP/s"));
    }
}
