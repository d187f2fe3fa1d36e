package leakmark.benchmarks.run;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import leakmark.benchmarks.cli.CommandFailure;
import leakmark.benchmarks.cli.ExitCode;
import leakmark.benchmarks.cli.Main;
import leakmark.benchmarks.cli.Progress;
import leakmark.benchmarks.gpu.DeviceBound;
import leakmark.benchmarks.gpu.DeviceMeasurement;
import leakmark.benchmarks.gpu.Ncu;
import leakmark.benchmarks.gpu.NcuReport;
import leakmark.benchmarks.gpu.ProfiledKernel;
import leakmark.benchmarks.gpu.ProfiledKernel.Shape;
import leakmark.benchmarks.gpu.ProfiledKernel.Work;
import leakmark.kernels.Availability;
import leakmark.kernels.Cost;
import leakmark.kernels.KernelProvider;
import leakmark.kernels.KernelProviders;
import leakmark.kernels.cuda.CudaDevice;
import leakmark.kernels.cuda.DeviceTimer;
import leakmark.kernels.cuda.LaunchProfile;
import leakmark.kernels.cuda.Stream;
import org.jspecify.annotations.Nullable;

/** Where one kernel's time goes on the GPU: under ncu where it is installed, else by events. Predictions from its declared cost. */
final class DeviceProfile {
    private static final String PROVIDER = "cuda";

    private final ProfiledKernel profiled;
    private final Shape shape;
    private final Cost cost;
    private final PrintWriter people;

    /** @param people gets the lines that are read, not parsed */
    DeviceProfile(ProfiledKernel profiled, Shape shape, PrintWriter people) {
        this.profiled = profiled;
        this.shape = shape;
        this.cost = profiled.cost(shape);
        this.people = people;
    }

    /** What the kernel declares, and the least time that published roofs allow. */
    Map<String, Object> predicted() {
        Map<String, Object> result = declared();
        result.put("predictions", predictions());
        return result;
    }

    /**
     * Measures on the GPU.
     *
     * @param ncu arguments of {@code leakmark} that run the kernel once, by events; empty to measure by events now
     * @param runs that are profiled
     */
    Map<String, Object> measured(List<String> ncu, int runs) {
        Map<String, Object> result = declared();
        Optional<Path> program = ncu.isEmpty() ? Optional.empty() : Ncu.find();
        Object measured = program.isPresent() ? underNcu(program.get(), ncu) : null;
        result.put("measured", measured == null ? byEvents(runs) : measured);
        return result;
    }

    private Map<String, Object> declared() {
        people.printf(
                Locale.ROOT,
                "%s: %.3g FLOP in %s, %.3g bytes (declared)%n",
                profiled.label(),
                cost.flops(),
                profiled.inDouble() ? "float64" : "float32",
                cost.bytes());
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("kernel", profiled.label());
        result.put("shape", shape);
        result.put("cost", cost);
        return result;
    }

    /** Why nothing can be measured here, or null. */
    static @Nullable String missing() {
        Availability availability = CudaDevice.availability();
        if (!availability.available()) {
            return availability.reason();
        }
        CudaDevice device = CudaDevice.shared();
        return device.isStandIn() ? device.name() + ": its times mean nothing" : null;
    }

    private List<Map<String, Object>> predictions() {
        people.println("PREDICTED, not measured: the least time that published roofs allow");
        return DeviceBound.PUBLISHED.stream()
                .map(published -> {
                    DeviceBound bound = profiled.inDouble() ? published.inDouble() : published;
                    people.printf(
                            Locale.ROOT,
                            "  %-16s %9.4f ms, bound by %s%n",
                            bound.device(),
                            bound.milliseconds(cost),
                            bound.bounding(cost));
                    Map<String, Object> row = new LinkedHashMap<>();
                    row.put("device", bound.device());
                    row.put("predictedMilliseconds", bound.milliseconds(cost));
                    row.put("boundBy", bound.bounding(cost));
                    return row;
                })
                .toList();
    }

    /** Under the profiler; null, with a line on why, if it measures nothing. */
    private @Nullable NcuReport underNcu(Path program, List<String> arguments) {
        try {
            NcuReport report = Ncu.run(program, Main.class.getName(), arguments);
            for (NcuReport.Launch launch : report.launches()) {
                people.println("  " + launch.kernel());
                launch.metrics().forEach((name, value) -> people.printf(Locale.ROOT, "    %-52s %s%n", name, value));
            }
            return report;
        } catch (IOException | IllegalArgumentException failure) {
            people.println("ncu measured nothing, events instead: " + failure.getMessage());
            return null;
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new CommandFailure(ExitCode.UNFIT, "interrupted while ncu ran");
        }
    }

    private Map<String, Object> byEvents(int runs) {
        KernelProvider provider = KernelProviders.byName(PROVIDER);
        CudaDevice device = CudaDevice.shared();
        DeviceBound measured = Progress.during("roofs", () -> DeviceBound.measured(device));
        DeviceBound bound = profiled.inDouble() ? measured.inDouble() : measured;
        LaunchProfile.Split split;
        @Nullable DeviceMeasurement cold = null;
        @Nullable DeviceMeasurement hot = null;
        try (Stream stream = new Stream(device);
                DeviceTimer timer = new DeviceTimer(device, stream);
                Work work = profiled.open(provider, shape)) {
            work.run().run();
            if (runs > 1) {
                cold = DeviceMeasurement.ofKernels(device, timer, work.run(), true);
                hot = DeviceMeasurement.ofKernels(device, timer, work.run(), false);
            }
            LaunchProfile profile = LaunchProfile.start(device);
            for (int run = 0; run < runs; run++) {
                work.run().run();
            }
            split = profile.stop();
        }
        people.println(device.name() + ": measured roofs " + measured);
        split.lines().forEach(line -> people.println(described(line)));
        people.printf(
                Locale.ROOT,
                "per run: kernels %.4f ms, copies %.4f ms, host in driver %.4f ms, wall %.4f ms, %d launches%n",
                split.kernelMilliseconds() / runs,
                split.copyMilliseconds() / runs,
                split.driverMilliseconds() / runs,
                split.wallMilliseconds() / runs,
                split.launches() / runs);
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("device", device.name());
        result.put("roofs", measured);
        result.put("boundBy", bound.bounding(cost));
        result.put("runs", runs);
        result.put("split", split);
        if (cold != null && hot != null) {
            people.println(described("cold", cold, cost, bound));
            people.println(described("hot", hot, cost, bound));
            result.put("cold", cold);
            result.put("hot", hot);
            result.put("fractionOfRoof", cold.fractionOfRoof(cost, bound));
        }
        return result;
    }

    private static String described(String name, DeviceMeasurement measured, Cost cost, DeviceBound bound) {
        double median = measured.median();
        return String.format(
                Locale.ROOT,
                "%-4s %.4f ms (%.4f to %.4f, %d runs, %d throttled, %.0f MHz): %.0f GB/s, %.0f GFLOP/s of the declared cost,"
                        + " %.0f %% of the %s roof",
                name,
                median,
                measured.quantile(0.25),
                measured.quantile(0.75),
                measured.samples().size(),
                measured.discarded(),
                measured.clockMegahertz(),
                cost.bytes() / median * 1e-6,
                cost.flops() / median * 1e-6,
                100 * measured.fractionOfRoof(cost, bound),
                bound.bounding(cost));
    }

    private static String described(LaunchProfile.Line line) {
        String times = String.format(
                Locale.ROOT, "  %-32s %5d × %9.4f ms, ", line.name(), line.count(), line.milliseconds() / line.count());
        return line.copy()
                ? times + line.bytes() + " bytes"
                : String.format(
                        Locale.ROOT,
                        "%s%d registers, occupancy %.0f %%",
                        times,
                        line.registers(),
                        100 * line.occupancy());
    }
}
