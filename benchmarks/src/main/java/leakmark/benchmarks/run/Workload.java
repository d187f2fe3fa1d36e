package leakmark.benchmarks.run;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.IntBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import leakmark.attacks.AttackException;
import leakmark.attacks.Reconstruction;
import leakmark.attacks.dager.DagerAttack;
import leakmark.attacks.djl.TransformerGradient;
import leakmark.attacks.model.ModelConfiguration;
import leakmark.attacks.model.Models;
import leakmark.attacks.model.Presets;
import leakmark.attacks.model.PublicModel;
import leakmark.benchmarks.cli.CommandFailure;
import leakmark.benchmarks.cli.ExitCode;
import leakmark.benchmarks.cli.OutputFiles;
import leakmark.benchmarks.cli.Progress;
import leakmark.benchmarks.gpu.ProfiledKernel;
import leakmark.benchmarks.jmh.GradientStore;
import leakmark.kernels.KernelProvider;
import leakmark.kernels.KernelProviders;
import leakmark.reports.result.Result;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A whole attack or a kernel that can be called again and again, as options name it. */
final class Workload {
    private static final String DAGER = "dager";

    @Option(names = "--model", paramLabel = "PRESET", description = "Whose shape. Default: ${DEFAULT-VALUE}.")
    private String model;

    @Option(names = "--batch-size", paramLabel = "N", description = "Sequences. Default: ${DEFAULT-VALUE}.")
    private int batchSize;

    @Option(
            names = "--sequence-length",
            paramLabel = "TOKENS",
            description = "Tokens of each. Default: ${DEFAULT-VALUE}.")
    private int sequenceLength;

    @Option(names = "--provider", description = "Kernels. Default: the fastest that runs here.")
    private @Nullable String providerName;

    private long attacks;
    private long exact;

    /** What is taken unless options say otherwise. */
    Workload(String model, int batchSize, int sequenceLength) {
        this.model = model;
        this.batchSize = batchSize;
        this.sequenceLength = sequenceLength;
    }

    /** What is done with the call. */
    interface Use {
        int of(Runnable call, KernelProvider provider) throws IOException;
    }

    /** Checks the options before anything expensive. */
    KernelProvider check(String what) {
        checkShape(what);
        try {
            KernelProvider provider =
                    providerName == null ? KernelProviders.best() : KernelProviders.byName(providerName);
            if (provider.isImitation()) {
                throw new CommandFailure(
                        ExitCode.UNFIT,
                        "provider '" + provider.name() + "' runs on a stand-in: its times mean nothing");
            }
            return provider;
        } catch (IllegalArgumentException e) {
            throw usage(String.valueOf(e.getMessage()));
        }
    }

    /** Checks names and sizes. */
    void checkShape(String what) {
        List<String> known = new ArrayList<>(List.of(DAGER));
        known.addAll(ProfiledKernel.labels());
        if (!known.contains(what)) {
            throw usage("nothing is called '" + what + "'; there are " + String.join(", ", known));
        }
        if (!Presets.names().contains(model)) {
            throw usage("no preset '" + model + "'; there are " + String.join(", ", Presets.names()));
        }
        if (batchSize < 1
                || sequenceLength < 3
                || sequenceLength > Presets.configuration(model).positions()) {
            throw usage("--batch-size must be at least 1 and --sequence-length 3 to "
                    + Presets.configuration(model).positions() + ", not " + batchSize + " and " + sequenceLength);
        }
    }

    /** The kernel of that name. */
    ProfiledKernel kernel(String what) {
        return Arrays.stream(ProfiledKernel.values())
                .filter(kernel -> kernel.label().equals(what))
                .findFirst()
                .orElseThrow(() ->
                        usage("no kernel '" + what + "'; there are " + String.join(", ", ProfiledKernel.labels())));
    }

    /** A kernel's shape. */
    ProfiledKernel.Shape shape() {
        ModelConfiguration preset = Presets.configuration(model);
        return new ProfiledKernel.Shape(
                preset.vocabularySize(), preset.hiddenSize(), preset.heads(), batchSize, sequenceLength);
    }

    /** Options that say the same. */
    List<String> arguments() {
        return List.of(
                "--model",
                model,
                "--batch-size",
                Integer.toString(batchSize),
                "--sequence-length",
                Integer.toString(sequenceLength));
    }

    /** Prepares the call, and hands it over. */
    int use(String what, KernelProvider provider, Path folder, Use use) throws IOException {
        return what.equals(DAGER) ? attack(provider, folder, use) : kernel(what, provider, use);
    }

    private int attack(KernelProvider provider, Path folder, Use use) throws IOException {
        GradientStore.Cell cell = new GradientStore.Cell(model, 0.02, 1, batchSize, sequenceLength);
        PublicModel opened = Models.open(model, cell.seed(), cell.weightStd());
        Path gradients = folder.resolve("gradients");
        OutputFiles.checkFolder(gradients);
        Progress.during("client gradient", () -> {
            try (TransformerGradient oracle = new TransformerGradient()) {
                GradientStore.make(gradients, cell, opened, oracle);
                return true;
            }
        });
        GradientStore.Stored stored = GradientStore.read(gradients, cell, opened);
        Set<IntBuffer> truth = new HashSet<>();
        stored.truth().tokens().sequences().forEach(sequence -> truth.add(IntBuffer.wrap(sequence)));
        try (DagerAttack attack = new DagerAttack(provider)) {
            return use.of(
                    () -> {
                        attacks++;
                        try {
                            Reconstruction found = attack.reconstruct(opened, stored.gradient());
                            exact += found.sequences().stream()
                                    .filter(sequence -> truth.contains(IntBuffer.wrap(sequence.tokens())))
                                    .count();
                        } catch (AttackException e) {
                            // What gives up has recovered nothing; the gate withholds the times.
                        }
                    },
                    provider);
        }
    }

    private int kernel(String what, KernelProvider provider, Use use) throws IOException {
        try (ProfiledKernel.Work work = kernel(what).open(provider, shape())) {
            return use.of(work.run(), provider);
        }
    }

    /** Forgets what was recovered so far. */
    void restart() {
        attacks = 0;
        exact = 0;
    }

    /** Recovery of the calls since the restart; empty for a kernel. */
    Map<String, Double> quality() {
        return attacks == 0 ? Map.of() : Map.of(Result.EXACT_RATE, (double) exact / (attacks * batchSize));
    }

    /** Whether the calls recovered too little for their times to be shown; people are told so. */
    boolean isWithheld(PrintWriter people) {
        if (quality().getOrDefault(Result.EXACT_RATE, 1.0) >= Gate.EXACT) {
            return false;
        }
        people.println("WITHHELD: " + exact + " of " + attacks * batchSize + " sequences exact, the gate is 99 %");
        people.flush();
        return true;
    }

    Map<String, String> params() {
        Map<String, String> params = new LinkedHashMap<>();
        params.put("model", model);
        params.put("batchSize", Integer.toString(batchSize));
        params.put("sequenceLength", Integer.toString(sequenceLength));
        return params;
    }

    private static CommandFailure usage(String message) {
        return new CommandFailure(ExitCode.USAGE, message);
    }
}
