package leakmark.benchmarks.gpu;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import leakmark.kernels.Cost;
import leakmark.kernels.cuda.CudaDevice;
import leakmark.kernels.cuda.DeviceTimer;
import leakmark.kernels.cuda.DeviceTimer.Run;

/**
 * Repeats a run until its time is known well enough: relative standard error of the mean below 0.5 % with at least 10 samples and 0.5 s,
 * or 15 s. Throttled runs are discarded.
 *
 * @param samples device milliseconds of the runs that count, in their order
 * @param hostMilliseconds median time of the host to hand a run over
 * @param discarded throttled runs
 * @param clockMegahertz mean clock of the runs that count
 * @param cold whether the level-2 cache was flushed before each run
 */
public record DeviceMeasurement(
        List<Double> samples, double hostMilliseconds, int discarded, double clockMegahertz, boolean cold) {
    private static final int FEWEST = 10;
    private static final double LEAST_MILLISECONDS = 500;
    private static final long MOST_NANOSECONDS = 15_000_000_000L;
    private static final double NOISE = 0.005;
    private static final int WARM_UP = 3;

    /**
     * Measures work that only queues launches into the timer's stream; a blocking kernel keeps their latency out.
     *
     * @param cold flush the cache before each run
     * @throws IllegalArgumentException on the tests' stand-in for a GPU
     */
    public static DeviceMeasurement of(CudaDevice device, DeviceTimer timer, Runnable work, boolean cold) {
        warmUp(device, work);
        return repeat(() -> timer.time(work, cold, true), cold);
    }

    /**
     * Measures the kernels of an operation that copies and synchronises by itself.
     *
     * @param cold flush the cache before each run
     * @throws IllegalArgumentException on the tests' stand-in for a GPU
     */
    public static DeviceMeasurement ofKernels(CudaDevice device, DeviceTimer timer, Runnable work, boolean cold) {
        warmUp(device, work);
        return repeat(() -> timer.timeKernels(work, cold), cold);
    }

    private static void warmUp(CudaDevice device, Runnable work) {
        if (device.isStandIn()) {
            throw new IllegalArgumentException(device.name() + " is no GPU: its times mean nothing");
        }
        for (int i = 0; i < WARM_UP; i++) {
            work.run();
        }
        device.synchronize();
    }

    /** Repeats by the rule, wherever the runs come from. */
    static DeviceMeasurement repeat(Supplier<Run> run, boolean cold) {
        List<Double> samples = new ArrayList<>();
        List<Double> hosts = new ArrayList<>();
        double clocks = 0;
        int discarded = 0;
        long end = System.nanoTime() + MOST_NANOSECONDS;
        while (!isEnough(samples) && System.nanoTime() < end) {
            Run one = run.get();
            if (one.throttled()) {
                discarded++;
            } else {
                samples.add(one.deviceMilliseconds());
                hosts.add(one.hostMilliseconds());
                clocks += one.clockMegahertz();
            }
        }
        if (samples.isEmpty()) {
            throw new IllegalStateException(
                    "all " + discarded + " runs were throttled: the device is too hot or shared");
        }
        return new DeviceMeasurement(
                List.copyOf(samples), quantile(hosts, 0.5), discarded, clocks / samples.size(), cold);
    }

    private static boolean isEnough(List<Double> samples) {
        int n = samples.size();
        double sum = samples.stream().mapToDouble(Double::doubleValue).sum();
        if (n < FEWEST || sum < LEAST_MILLISECONDS) {
            return false;
        }
        double mean = sum / n;
        double squares =
                samples.stream().mapToDouble(x -> (x - mean) * (x - mean)).sum();
        return Math.sqrt(squares / (n - 1) / n) < NOISE * mean;
    }

    /** Median device time in milliseconds. */
    public double median() {
        return quantile(samples, 0.5);
    }

    /** A quantile of device time in milliseconds, interpolated. */
    public double quantile(double part) {
        return quantile(samples, part);
    }

    /** Which part of its roof a cost reaches in the median time; the roof is the one that bounds it. */
    public double fractionOfRoof(Cost cost, DeviceBound bound) {
        return bound.milliseconds(cost) / median();
    }

    private static double quantile(List<Double> values, double part) {
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(sorted);
        double at = part * (sorted.length - 1);
        int below = (int) at;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }
}
