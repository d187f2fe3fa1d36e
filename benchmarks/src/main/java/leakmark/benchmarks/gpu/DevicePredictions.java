package leakmark.benchmarks.gpu;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import leakmark.kernels.cuda.KernelCosts;
import leakmark.reports.result.Prediction;
import leakmark.reports.result.Result;
import leakmark.reports.result.Result.Status;

/**
 * What GPUs that are not here would need at least for the cells that were measured: declared work under data-sheet roofs,
 * launches, and one wait of the host. Nothing of it is measured.
 */
public final class DevicePredictions {
    /** From one kernel's end to the next one's start in a full queue. */
    private static final double LAUNCH_SECONDS = 2.5e-6;

    /** A call's small copies, the wait for the last kernel, and the way back: an assumption, of the usual size. */
    private static final double WAIT_SECONDS = 10e-6;

    private static final String BASIS =
            "least time: declared work under the data sheet's roofs, 2.5 µs a launch, 10 µs a wait of the host; not measured";

    /** Multiprocessors, and bytes/s over the bus to the host, of the devices predicted for. */
    private record Device(String name, int processors, double bus) {}

    private static final List<Device> DEVICES = List.of(new Device("T4", 40, 15.75e9), new Device("H200", 132, 63e9));

    /** Kernel launches of one call. */
    private static final Map<String, Integer> LAUNCHES =
            Map.of("TokenFilterBenchmark.sweep", 1, "SequenceSearchBenchmark.lastPosition", 4);

    private DevicePredictions() {}

    /** Predictions for those cells whose work on a GPU is declared; none for cells of a GPU. */
    public static List<Prediction> of(List<Result> results) {
        List<Prediction> predictions = new ArrayList<>();
        for (Result result : results) {
            if (result.status() == Status.OK && result.key().variant().equals("vector")) {
                for (Device device : DEVICES) {
                    double seconds = seconds(result, device);
                    if (seconds > 0) {
                        predictions.add(new Prediction(result.key(), device.name(), seconds, BASIS));
                    }
                }
            }
        }
        return predictions;
    }

    /** 0 where nothing is declared. */
    private static double seconds(Result result, Device device) {
        KernelCosts.Roofs roofs = roofs(device);
        KernelCosts.Shape shape = AttackCost.shape(result.key(), result.counters());
        if (shape != null) {
            double kernels = KernelCosts.attack(shape).stream()
                    .mapToDouble(work -> KernelCosts.seconds(work, roofs))
                    .sum();
            // The host waits once a position, and once for the ranks; the gradient crosses the bus once.
            return kernels + (shape.positions() + 1) * WAIT_SECONDS + AttackCost.gradientBytes(shape) / device.bus();
        }
        Result.Cost cost = result.cost();
        Integer launches = LAUNCHES.get(result.key().benchmark());
        if (cost == null || launches == null) {
            return 0;
        }
        return Math.max(cost.bytes() / roofs.bandwidth(), cost.flops() / roofs.float32())
                + launches * LAUNCH_SECONDS
                + WAIT_SECONDS;
    }

    private static KernelCosts.Roofs roofs(Device device) {
        DeviceBound sheet = DeviceBound.PUBLISHED.stream()
                .filter(bound -> bound.device().equals(device.name()))
                .findFirst()
                .orElseThrow();
        return new KernelCosts.Roofs(
                1e9 * sheet.gigabytesPerSecond(),
                1e9 * sheet.gigaflopsPerSecond(),
                1e9 * sheet.doubleGigaflopsPerSecond(),
                LAUNCH_SECONDS,
                device.processors());
    }
}
