package leakmark.benchmarks.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import leakmark.attacks.GradientFile;
import leakmark.attacks.SharedGradient;
import leakmark.attacks.Task;
import leakmark.attacks.client.Client;
import leakmark.attacks.client.ClientBatch;
import leakmark.attacks.client.TruthFile;
import leakmark.attacks.defences.Protection;
import leakmark.attacks.djl.TransformerGradient;
import leakmark.attacks.model.ModelConfiguration;
import leakmark.attacks.model.ParameterNames;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code leakmark client}: one client's shared gradient as a file, and the truth in another. */
@Command(
        name = "client",
        description = "Compute the gradient a client shares, and write it to a file; the truth goes to another file.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  leakmark client --model gpt2 --batch-size 16 --sequence-length 24 --out update.safetensors",
            "  leakmark client --text reviews.tsv --column sentence --out update.safetensors",
        })
final class ClientCommand implements Runnable {
    private static final String SUFFIX = ".safetensors";

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private ModelOptions modelOptions;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private BatchOptions batchOptions;

    @Option(
            names = "--task",
            converter = Labels.TaskConverter.class,
            defaultValue = "classification",
            description = "What is trained: classification or next-token. Default: classification.")
    private Task task = Task.CLASSIFICATION;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private DefenceOptions defenceOptions;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private LocalTrainingOptions localTraining;

    @Option(names = "--out", required = true, paramLabel = "FILE", description = "The shared gradient, safetensors.")
    @SuppressWarnings("NullAway.Init")
    private Path out;

    @Option(
            names = "--truth",
            paramLabel = "FILE",
            description = "The batch, JSON. Default: OUT with .truth.json instead of .safetensors.")
    private @Nullable Path truth;

    @Option(names = "--all", description = "Share every parameter's gradient, not only what the attack needs.")
    private boolean all;

    @Option(names = "--force", description = "Replace files that are there.")
    private boolean force;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private JsonOption json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        Protection protection = defenceOptions.protection();
        localTraining.schedule(protection);
        ModelOptions.Chosen chosen = modelOptions.choose();
        Path truthFile = truth == null ? truthBeside(out) : truth;
        checkOutputs(chosen, truthFile);
        ModelConfiguration configuration = chosen.model().configuration();
        ClientBatch batch = batchOptions.sample(configuration, chosen.tokenizer(), task, chosen.seed());
        Set<String> names = all
                ? allNames(configuration)
                : localTraining.isGiven()
                        ? Client.updateNames(configuration, task)
                        : Client.attackNames(configuration, task);

        Torch.require();
        long start = System.nanoTime();
        SharedGradient gradient = Progress.during("client gradient", () -> {
            try (TransformerGradient oracle = new TransformerGradient()) {
                return localTraining.share(oracle, protection, chosen.model(), task, batch, names, chosen.seed());
            }
        });
        double seconds = (System.nanoTime() - start) * 1e-9;
        TruthFile.write(truthFile, batch);
        Map<String, String> provenance = new LinkedHashMap<>(chosen.provenance());
        if (!protection.isNone()) {
            provenance.put(DefenceOptions.PROVENANCE, protection.label());
        }
        if (localTraining.isGiven()) {
            provenance.put(
                    LocalTrainingOptions.PROVENANCE, Double.toString(localTraining.movement(batchOptions.batchSize())));
        }
        GradientFile.write(out, gradient, provenance);

        PrintWriter output = spec.commandLine().getOut();
        PrintWriter people = json.people(output);
        people.printf(
                Locale.ROOT,
                "%s: gradients of %d parameters for %d sentences, %d tokens (%s, %s, %.1f s)%n%s: the truth%n",
                out,
                gradient.tensors().size(),
                batch.sentences().size(),
                batch.tokens().tokens(),
                configuration.name(),
                task.label(),
                seconds,
                truthFile);
        long entries = gradient.tensors().values().stream()
                .mapToLong(tensor -> tensor.data().length)
                .sum();
        people.print(DefenceOptions.summary(protection, entries));
        Map<String, Object> result = result(chosen, batch, gradient, truthFile, seconds);
        result.put("defence", protection.label());
        result.put("bytes", protection.bytes(entries));
        json.write(output, result);
    }

    private void checkOutputs(ModelOptions.Chosen chosen, Path truthFile) {
        List<Path> inputs = new ArrayList<>(batchOptions.files());
        inputs.addAll(chosen.files());
        OutputFiles.check(out, force, inputs);
        if (truthFile.toAbsolutePath().normalize().equals(out.toAbsolutePath().normalize())) {
            throw new CommandFailure(ExitCode.USAGE, "--out and --truth are the same file; the truth needs its own");
        }
        OutputFiles.check(truthFile, force, inputs);
        inputs.add(out);
        inputs.add(truthFile);
        json.check(inputs);
    }

    private Map<String, Object> result(
            ModelOptions.Chosen chosen, ClientBatch batch, SharedGradient gradient, Path truthFile, double seconds) {
        Map<String, Object> result = new LinkedHashMap<>(chosen.provenance());
        result.put("seed", chosen.seed());
        result.put("weightStd", chosen.weightStd());
        result.put("task", task.label());
        result.put("batchSize", batchOptions.batchSize());
        result.put("sequenceLength", batchOptions.sequenceLength());
        result.put("tokens", batch.tokens().tokens());
        result.put("parameters", gradient.tensors().keySet().stream().sorted().toList());
        result.put("seconds", seconds);
        result.put("gradient", out.toString());
        result.put("truth", truthFile.toString());
        return result;
    }

    private Set<String> allNames(ModelConfiguration configuration) {
        Set<String> names = new LinkedHashSet<>(configuration.parameterShapes().keySet());
        if (task == Task.NEXT_TOKEN) {
            names.remove(ParameterNames.CLASSIFIER);
        }
        return names;
    }

    private static Path truthBeside(Path out) {
        String name = String.valueOf(out.getFileName());
        String stem = name.endsWith(SUFFIX) ? name.substring(0, name.length() - SUFFIX.length()) : name;
        return out.resolveSibling(stem + ".truth.json");
    }
}
