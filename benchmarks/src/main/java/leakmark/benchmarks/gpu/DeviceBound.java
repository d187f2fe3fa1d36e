package leakmark.benchmarks.gpu;

import java.util.List;
import java.util.Locale;
import leakmark.kernels.Cost;
import leakmark.kernels.cuda.CudaDevice;
import leakmark.kernels.cuda.DeviceRoofs;

/**
 * The two roofs that bound a kernel of one precision.
 *
 * @param device whose they are
 * @param gigabytesPerSecond of memory
 * @param gigaflopsPerSecond of fused multiply-adds, two each, in float32
 * @param doubleGigaflopsPerSecond the same in float64
 */
public record DeviceBound(
        String device, double gigabytesPerSecond, double gigaflopsPerSecond, double doubleGigaflopsPerSecond) {
    /** Vendors' data sheets, dense, without tensor cores. Published, not measured: for predictions only. */
    public static final List<DeviceBound> PUBLISHED = List.of(
            new DeviceBound("V100 SXM2", 900, 15_700, 7_800),
            new DeviceBound("T4", 320, 8_100, 253),
            new DeviceBound("A100 80GB SXM", 2_039, 19_500, 9_700),
            new DeviceBound("L4", 300, 30_300, 473),
            new DeviceBound("H100 SXM", 3_350, 67_000, 34_000),
            new DeviceBound("H200", 4_800, 67_000, 34_000),
            new DeviceBound("B200", 8_000, 75_000, 37_000));

    /** Measures a device's own roofs. */
    public static DeviceBound measured(CudaDevice device) {
        return new DeviceBound(
                device.name(),
                DeviceRoofs.copyBandwidth(device),
                DeviceRoofs.fmaRate(device),
                DeviceRoofs.doubleFmaRate(device));
    }

    /** The same with the rate of float64 where float32 was. */
    public DeviceBound inDouble() {
        return new DeviceBound(device, gigabytesPerSecond, doubleGigaflopsPerSecond, doubleGigaflopsPerSecond);
    }

    /** Least time of a cost: the longer of what its bytes and its FLOPs take. */
    public double milliseconds(Cost cost) {
        return Math.max(memoryMilliseconds(cost), arithmeticMilliseconds(cost));
    }

    /** What bounds a cost: {@code memory} or {@code arithmetic}. */
    public String bounding(Cost cost) {
        return memoryMilliseconds(cost) >= arithmeticMilliseconds(cost) ? "memory" : "arithmetic";
    }

    private double memoryMilliseconds(Cost cost) {
        return cost.bytes() / gigabytesPerSecond * 1e-6;
    }

    private double arithmeticMilliseconds(Cost cost) {
        return cost.flops() / gigaflopsPerSecond * 1e-6;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%.0f GB/s, %.0f GFLOP/s float32, %.0f GFLOP/s float64",
                gigabytesPerSecond,
                gigaflopsPerSecond,
                doubleGigaflopsPerSecond);
    }
}
