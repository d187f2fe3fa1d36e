package leakmark.benchmarks.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import leakmark.attacks.djl.TorchEngine;
import leakmark.kernels.vector.Roofs;
import leakmark.kernels.vector.VectorKernels;
import leakmark.reports.result.Machine;
import leakmark.reports.result.Roof;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code leakmark doctor}: whether this machine can do what the other commands want, and what it can do at most. */
@Command(
        name = "doctor",
        description = "Look at this machine: JDK, cores, SIMD, memory, measured roofs, PyTorch, GPU, providers.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        footerHeading = "%nExamples:%n",
        footer = {"  leakmark doctor", "  leakmark doctor --json machine.json"})
final class DoctorCommand implements Callable<Integer> {
    /** An attack on gpt2 stays under 2 GiB; the client's weights take some of it too. */
    private static final long LEAST_HEAP = 2L << 30;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private JsonOption json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() {
        json.check(List.of());
        Machine machine = Progress.during("machine", Machines::here);
        boolean vectors = new VectorKernels().availability().available();
        List<Roof> roofs = vectors ? Progress.during("roofs", DoctorCommand::roofs) : List.of();
        Gpu gpu = Progress.during("gpu", Gpu::here);
        List<ListCommand.Provider> providers = ListCommand.Provider.all();
        List<String> missing = missing(
                vectors, TorchEngine.unavailableBecause(), Runtime.getRuntime().maxMemory());
        String verdict = missing.isEmpty() ? "fit: everything needed is here" : "unfit: " + String.join("; ", missing);

        PrintWriter output = spec.commandLine().getOut();
        PrintWriter people = json.people(output);
        machine.stable().forEach((name, value) -> row(people, name, value));
        machine.software().forEach((name, value) -> row(people, name, value));
        machine.state().forEach((name, value) -> row(people, name, value));
        for (Roof roof : roofs) {
            row(
                    people,
                    roof.name(),
                    String.format(
                            Locale.ROOT,
                            "%.1f %s with %d %s",
                            roof.value(),
                            roof.unit(),
                            roof.threads(),
                            roof.threads() == 1 ? "thread" : "threads"));
        }
        providers.forEach(provider -> row(people, provider.name(), provider.line()));
        gpu.roofs()
                .forEach(roof ->
                        row(people, roof.name(), String.format(Locale.ROOT, "%.0f %s", roof.value(), roof.unit())));
        row(people, "gpu", gpu.line());
        people.println(verdict);
        people.flush();

        Map<String, Object> result = new LinkedHashMap<>();
        result.put("machine", machine);
        result.put("roofs", roofs);
        result.put("gpu", gpu);
        result.put("providers", providers);
        result.put("fit", missing.isEmpty());
        result.put("missing", missing);
        json.write(output, result);
        return (missing.isEmpty() ? ExitCode.FINE : ExitCode.UNFIT).status();
    }

    /** What is missing, with what to do. */
    static List<String> missing(boolean vectors, @Nullable String torch, long heap) {
        List<String> missing = new ArrayList<>();
        if (!vectors) {
            missing.add("no Vector API: start with ./leakmark, or the JVM with --add-modules jdk.incubator.vector");
        }
        if (torch != null) {
            missing.add("PyTorch cannot be loaded (" + torch + "): it needs linux-x86_64 and a writable DJL_CACHE_DIR");
        }
        if (heap < LEAST_HEAP) {
            missing.add("the heap may grow to " + (heap >> 20)
                    + " MiB only: LEAKMARK_JAVA_OPTS=-Xmx4g, on a machine with that much memory");
        }
        return missing;
    }

    private static List<Roof> roofs() {
        int cores = Runtime.getRuntime().availableProcessors();
        List<Roof> roofs = new ArrayList<>();
        for (int threads = 1; threads < 2 * cores; threads *= 2) {
            int used = Math.min(threads, cores);
            roofs.add(new Roof("memory read", used, Roofs.memoryBandwidth(used), "GB/s"));
            roofs.add(new Roof("fused multiply-add", used, Roofs.fmaRate(used), "GFLOP/s"));
        }
        return roofs;
    }

    private static void row(PrintWriter out, String name, String value) {
        out.printf(Locale.ROOT, "%-20s %s%n", name, value);
    }
}
