package leakmark.benchmarks.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import leakmark.attacks.model.ModelConfiguration;
import leakmark.attacks.model.Presets;
import leakmark.attacks.text.TextFile;
import leakmark.attacks.text.TextProfile;
import leakmark.kernels.Availability;
import leakmark.kernels.KernelProvider;
import leakmark.kernels.KernelProviders;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.VerboseMode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code leakmark list}: everything that has a name on the command line. */
@Command(
        name = "list",
        description = "Benchmarks with their axes, kernel providers, model presets and text profiles.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        footerHeading = "%nExamples:%n",
        footer = {"  leakmark list", "  leakmark list --json"})
final class ListCommand implements Runnable {
    @Mixin
    @SuppressWarnings("NullAway.Init")
    private JsonOption json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    /** A benchmark and the values of its axes. */
    record Benchmark(String name, Map<String, List<String>> axes) {}

    /** A provider and whether it runs here. */
    record Provider(String name, boolean available, String reason) {
        static List<Provider> all() {
            List<Provider> providers = new ArrayList<>();
            for (KernelProvider provider : KernelProviders.all()) {
                Availability availability = provider.availability();
                providers.add(new Provider(provider.name(), availability.available(), availability.reason()));
            }
            return providers;
        }

        String line() {
            return (available ? "available: " : "not available: ") + reason;
        }
    }

    /** A profile and its number of sentences. */
    record Profile(String name, int sentences) {}

    /** All of it. */
    record Names(
            List<Benchmark> benchmarks,
            List<Provider> providers,
            List<ModelConfiguration> presets,
            List<Profile> profiles) {}

    @Override
    public void run() {
        json.check(List.of());
        Names names = new Names(
                benchmarks(),
                Provider.all(),
                Presets.names().stream().map(Presets::configuration).toList(),
                Arrays.stream(TextProfile.values())
                        .map(profile -> new Profile(
                                profile.label(), TextFile.corpus(profile).size()))
                        .toList());
        PrintWriter output = spec.commandLine().getOut();
        print(names, json.people(output));
        json.write(output, names);
    }

    private static void print(Names names, PrintWriter out) {
        out.println("Benchmarks");
        if (names.benchmarks().isEmpty()) {
            out.println("  none in this build");
        }
        for (Benchmark benchmark : names.benchmarks()) {
            out.println("  " + benchmark.name());
            benchmark.axes().forEach((axis, values) -> out.println("    " + axis + " " + String.join(", ", values)));
        }
        out.println("Providers");
        names.providers().forEach(provider -> row(out, provider.name(), provider.line()));
        out.println("Models");
        names.presets().forEach(preset -> row(out, preset.name(), shape(preset)));
        out.println("Text profiles");
        names.profiles().forEach(profile -> row(out, profile.name(), profile.sentences() + " sentences"));
        out.flush();
    }

    private static void row(PrintWriter out, String name, String text) {
        out.printf(Locale.ROOT, "  %-12s %s%n", name, text);
    }

    private static String shape(ModelConfiguration model) {
        return String.format(
                Locale.ROOT,
                "%d layers, hidden size %d, %d heads, vocabulary %d, %d positions",
                model.layers(),
                model.hiddenSize(),
                model.heads(),
                model.vocabularySize(),
                model.positions());
    }

    private static List<Benchmark> benchmarks() {
        if (ListCommand.class.getResource(BenchmarkList.BENCHMARK_LIST) == null) {
            return List.of();
        }
        List<Benchmark> benchmarks = new ArrayList<>();
        for (BenchmarkListEntry entry : BenchmarkList.defaultList()
                .getAll(OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT), List.of())) {
            Map<String, List<String>> axes = new LinkedHashMap<>();
            if (entry.getParams().hasValue()) {
                entry.getParams().get().forEach((axis, values) -> axes.put(axis, List.of(values)));
            }
            benchmarks.add(new Benchmark(entry.getUsername(), axes));
        }
        return benchmarks;
    }
}
