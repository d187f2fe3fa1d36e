package leakmark.benchmarks.run;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import leakmark.benchmarks.cli.CommandFailure;
import leakmark.benchmarks.cli.ExitCode;
import leakmark.benchmarks.cli.JsonOption;
import leakmark.benchmarks.cli.OutputFiles;
import leakmark.benchmarks.profile.FlightRecorder;
import leakmark.benchmarks.profile.SystemProfilers;
import leakmark.kernels.KernelProvider;
import leakmark.reports.result.Profile;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code leakmark profile}: where an attack's or a kernel's time and memory go on the CPU, or a kernel's time on the GPU. */
@Command(
        name = "profile",
        description = {
            "Repeat an attack or a kernel under JFR (and perf and async-profiler where they are installed): hottest"
                    + " frames and allocation. With --gpu one kernel on the GPU, under ncu where it is installed, else by"
                    + " events.",
            "Exit status: 4 if an attack did not recover its batch, 5 if there is no GPU to measure (predictions are"
                    + " printed)."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  leakmark profile dager --model small --batch-size 8 --sequence-length 16",
            "  leakmark profile vocabulary-sweep --seconds 5 --json",
            "  leakmark profile vocabulary-sweep --gpu",
            "  leakmark profile prefix-extension --predict"
        })
public final class ProfileCommand implements Callable<Integer> {
    /** Shown on the terminal; the report has more. */
    private static final int SHOWN = 8;

    @Parameters(paramLabel = "WHAT", description = "dager, vocabulary-sweep, residuals or prefix-extension.")
    private String what = "";

    @Mixin
    private Workload workload = new Workload("gpt2", 32, 20);

    @Option(names = "--seconds", defaultValue = "10", description = "How long it is watched. Default: 10.")
    private double seconds;

    @Option(names = "--warm-up", paramLabel = "SECONDS", defaultValue = "3", description = "Before it. Default: 3.")
    private double warmUp;

    @Option(names = "--gpu", description = "A kernel on the GPU instead: events or ncu, and fractions of its roofs.")
    private boolean gpu;

    @Option(names = "--predict", description = "Only what a kernel's declared cost predicts for GPUs; needs none.")
    private boolean predict;

    @Option(names = "--runs", defaultValue = "10", hidden = true, description = "Runs on the GPU that are profiled.")
    private int runs;

    @Option(names = "--no-ncu", description = "With --gpu: events, even where ncu is installed.")
    private boolean withoutNcu;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Folder of profile.jfr, result.json and the report. Default: .leakmark/profile-TIME.")
    private @Nullable Path out;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private JsonOption json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (gpu || predict) {
            return onDevice();
        }
        KernelProvider provider = workload.check(what);
        if (!(seconds > 0) || !(warmUp >= 0)) {
            throw new CommandFailure(ExitCode.USAGE, "--seconds must be above 0, --warm-up at least 0");
        }
        json.check(List.of());
        Path folder = OutputFiles.folder(out, "profile");
        OutputFiles.checkFolder(folder);
        return workload.use(what, provider, folder, (call, chosen) -> profile(chosen, folder, call));
    }

    private int onDevice() {
        workload.checkShape(what);
        json.check(List.of());
        PrintWriter output = spec.commandLine().getOut();
        PrintWriter people = json.people(output);
        DeviceProfile device = new DeviceProfile(workload.kernel(what), workload.shape(), people);
        String missing = predict ? null : DeviceProfile.missing();
        if (missing != null) {
            people.println("no GPU: " + missing);
        }
        Map<String, Object> result = predict || missing != null
                ? device.predicted()
                : device.measured(withoutNcu ? List.of() : once(), runs);
        people.flush();
        json.write(output, result);
        return (missing == null ? ExitCode.FINE : ExitCode.UNFIT).status();
    }

    /** This command for a run under ncu. */
    private List<String> once() {
        List<String> arguments = new ArrayList<>(List.of("profile", what, "--gpu", "--runs", "1", "--no-ncu"));
        arguments.addAll(workload.arguments());
        return arguments;
    }

    private int profile(KernelProvider provider, Path folder, Runnable call) throws IOException {
        long start = System.nanoTime();
        do {
            call.run();
        } while (System.nanoTime() - start < warmUp * 1e9);
        workload.restart();
        SystemProfilers profilers = SystemProfilers.start(folder, seconds);
        FlightRecorder.Seen seen = FlightRecorder.watch(call, seconds, folder.resolve("profile.jfr"));
        Map<String, String> tools = new LinkedHashMap<>();
        tools.put("JFR", "profile.jfr");
        tools.putAll(profilers.stop());
        PrintWriter output = spec.commandLine().getOut();
        PrintWriter people = json.people(output);
        if (workload.isWithheld(people)) {
            return ExitCode.GATE_FAILED.status();
        }
        Profile profile = new Profile(
                what,
                provider.name(),
                workload.params(),
                seen.seconds(),
                seen.calls(),
                seen.samples(),
                seen.frames(),
                seen.allocations(),
                seen.allocators(),
                tools);
        Recording recording = new Recording(
                folder,
                spec.commandLine().getParseResult().originalArgs(),
                Map.of("profile", "JFR every 10 ms, " + seconds + " s after " + warmUp + " s of warm-up"));
        recording.add(profile);
        recording.finish();
        people.printf(
                Locale.ROOT,
                "%s %s %s: %d calls in %.1f s, %d samples%n",
                what,
                provider.name(),
                workload.params(),
                seen.calls(),
                seen.seconds(),
                seen.samples());
        print(people, "hottest frames", seen.frames());
        print(people, "allocated", seen.allocations());
        print(people, "allocating", seen.allocators());
        tools.forEach((tool, text) -> people.println(tool + ": " + text));
        people.println("report: " + folder.resolve(Recording.HTML));
        people.flush();
        json.write(output, profile);
        return ExitCode.FINE.status();
    }

    private static void print(PrintWriter people, String title, List<Profile.Share> shares) {
        people.println(title);
        shares.stream()
                .limit(SHOWN)
                .forEach(share -> people.printf(Locale.ROOT, "  %5.1f %%  %s%n", 100 * share.share(), share.name()));
    }
}
