package leakmark.benchmarks.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import leakmark.attacks.model.ModelConfiguration;
import leakmark.attacks.model.Presets;
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
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code leakmark profile}: where one kernel's time goes on the GPU; without a GPU, what its declared cost predicts. */
@Command(
        name = "profile",
        description = "Profile one kernel on the GPU: under ncu where it is installed, else by events. Without a GPU:"
                + " predictions from the declared cost, marked as such.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        footerHeading = "%nExamples:%n",
        footer = {
            "  leakmark profile --kernel vocabulary-sweep",
            "  leakmark profile --kernel prefix-extension --predict"
        })
final class ProfileCommand implements Callable<Integer> {
    private static final String PROVIDER = "cuda";

    @Option(
            names = "--kernel",
            required = true,
            paramLabel = "KERNEL",
            description = "${COMPLETION-CANDIDATES}",
            completionCandidates = Kernels.class)
    @SuppressWarnings("NullAway.Init")
    private String kernel;

    @Option(
            names = "--model",
            paramLabel = "PRESET",
            defaultValue = "gpt2",
            description = "Whose shape. Default: ${DEFAULT-VALUE}.")
    private String model = "";

    @Option(names = "--batch-size", defaultValue = "32", description = "Sequences. Default: ${DEFAULT-VALUE}.")
    private int batchSize;

    @Option(
            names = "--sequence-length",
            defaultValue = "20",
            description = "Tokens of each. Default: ${DEFAULT-VALUE}.")
    private int sequenceLength;

    @Option(names = "--predict", description = "Only predict; needs no GPU.")
    private boolean predict;

    @Option(names = "--runs", defaultValue = "10", hidden = true, description = "Runs that are profiled.")
    private int runs;

    @Option(names = "--no-ncu", description = "Measure by events even where ncu is installed.")
    private boolean withoutNcu;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private JsonOption json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    /** Names for the help. */
    static final class Kernels extends java.util.ArrayList<String> {
        private static final long serialVersionUID = 1L;

        Kernels() {
            super(ProfiledKernel.labels());
        }
    }

    @Override
    public Integer call() {
        json.check(List.of());
        ProfiledKernel profiled = chosen();
        Shape shape = shape();
        Cost cost = profiled.cost(shape);
        PrintWriter output = spec.commandLine().getOut();
        PrintWriter people = json.people(output);
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("kernel", profiled.label());
        result.put("shape", shape);
        result.put("cost", cost);
        people.printf(
                Locale.ROOT,
                "%s: %.3g FLOP in %s, %.3g bytes (declared)%n",
                profiled.label(),
                cost.flops(),
                profiled.inDouble() ? "float64" : "float32",
                cost.bytes());
        String missing = predict ? null : missing();
        if (predict || missing != null) {
            if (missing != null) {
                people.println("no GPU: " + missing);
            }
            result.put("predictions", predictions(profiled, cost, people));
        } else {
            Optional<Path> ncu = withoutNcu ? Optional.empty() : Ncu.find();
            Object measured = ncu.isPresent() ? underNcu(ncu.get(), people) : null;
            result.put("measured", measured == null ? byEvents(profiled, shape, cost, people) : measured);
        }
        people.flush();
        json.write(output, result);
        return (missing == null ? ExitCode.FINE : ExitCode.UNFIT).status();
    }

    private ProfiledKernel chosen() {
        for (ProfiledKernel candidate : ProfiledKernel.values()) {
            if (candidate.label().equals(kernel)) {
                return candidate;
            }
        }
        throw new CommandFailure(
                ExitCode.USAGE, "no kernel '" + kernel + "'; there are " + String.join(", ", ProfiledKernel.labels()));
    }

    private Shape shape() {
        if (!Presets.names().contains(model)) {
            throw new CommandFailure(
                    ExitCode.USAGE, "no preset '" + model + "'; there are " + String.join(", ", Presets.names()));
        }
        ModelConfiguration preset = Presets.configuration(model);
        if (batchSize < 1 || sequenceLength < 2 || sequenceLength > preset.positions()) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "--batch-size must be at least 1 and --sequence-length 2 to " + preset.positions() + ", not "
                            + batchSize + " and " + sequenceLength);
        }
        return new Shape(preset.vocabularySize(), preset.hiddenSize(), preset.heads(), batchSize, sequenceLength);
    }

    /** Why nothing can be measured here, or null. */
    private static @Nullable String missing() {
        Availability availability = CudaDevice.availability();
        if (!availability.available()) {
            return availability.reason();
        }
        CudaDevice device = CudaDevice.shared();
        return device.isStandIn() ? device.name() + ": its times mean nothing" : null;
    }

    private static List<Map<String, Object>> predictions(ProfiledKernel profiled, Cost cost, PrintWriter people) {
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
    private @Nullable NcuReport underNcu(Path program, PrintWriter people) {
        List<String> arguments = List.of(
                "profile",
                "--kernel",
                kernel,
                "--model",
                model,
                "--batch-size",
                Integer.toString(batchSize),
                "--sequence-length",
                Integer.toString(sequenceLength),
                "--runs",
                "1",
                "--no-ncu");
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

    private Map<String, Object> byEvents(ProfiledKernel profiled, Shape shape, Cost cost, PrintWriter people) {
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
