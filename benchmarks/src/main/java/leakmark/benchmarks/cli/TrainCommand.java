package leakmark.benchmarks.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import leakmark.attacks.Task;
import leakmark.attacks.client.Trainer;
import leakmark.attacks.djl.Tokenizers;
import leakmark.attacks.djl.TransformerGradient;
import leakmark.attacks.model.Architecture;
import leakmark.attacks.model.ModelConfiguration;
import leakmark.attacks.model.ModelDirectory;
import leakmark.attacks.model.Presets;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.SeededWeights;
import leakmark.attacks.text.FramedTokenizer;
import leakmark.attacks.text.TextFile;
import leakmark.attacks.text.TextProfile;
import leakmark.attacks.text.Tokenizer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code leakmark train}: a small model with real attention, trained on the built-in corpus. */
@Command(
        name = "train",
        description = "Train a small model from scratch on text, for attacks on real attention; writes a directory.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  leakmark train --model bert-mini --out bert-mini",
            "  leakmark attack dager --model bert-mini --batch-size 8 --sequence-length 16",
        })
final class TrainCommand implements Callable<Integer> {
    private static final int LONGEST = 40;

    @Option(names = "--model", required = true, paramLabel = "PRESET", description = "Its shape.")
    @SuppressWarnings("NullAway.Init")
    private String model;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "A directory to make.")
    @SuppressWarnings("NullAway.Init")
    private Path out;

    @Option(names = "--steps", defaultValue = "1500", description = "Steps of 32 sentences. Default: 1500.")
    private int steps = 1500;

    @Option(names = "--learning-rate", defaultValue = "1e-3", description = "Adam's. Default: 1e-3.")
    private double learningRate = 1e-3;

    @Option(names = "--seed", defaultValue = "1", description = "Seed of weights, sentences and masks. Default: 1.")
    private long seed = 1;

    @Option(names = "--text", paramLabel = "FILE", description = "Sentences. Default: the built-in corpus.")
    private @Nullable Path text;

    @Override
    public Integer call() throws Exception {
        if (Files.exists(out)) {
            throw new CommandFailure(ExitCode.USAGE, out + " is there already; name a new directory");
        }
        if (steps < 1) {
            throw new CommandFailure(ExitCode.USAGE, "--steps needs at least 1, not " + steps);
        }
        ModelConfiguration configuration = Presets.configuration(model);
        Tokenizer tokenizer = Tokenizers.of(null, configuration).tokenizer();
        List<int[]> sequences = sequences(tokenizer, configuration);
        boolean encoder = configuration.architecture() == Architecture.BERT;
        int mask = tokenizer instanceof FramedTokenizer framed ? framed.mask() : 0;
        Torch.require();
        try (TransformerGradient oracle = new TransformerGradient();
                Progress progress = Progress.of("training", steps)) {
            PublicModel trained = new Trainer(oracle, encoder ? Task.MASKED_LM : Task.NEXT_TOKEN, mask, learningRate)
                    .train(
                            new PublicModel(configuration, new SeededWeights(configuration, seed)),
                            sequences,
                            steps,
                            seed,
                            step -> progress.step());
            Files.createDirectories(out);
            ModelDirectory.write(out, trained);
        }
        return ExitCode.FINE.status();
    }

    private List<int[]> sequences(Tokenizer tokenizer, ModelConfiguration configuration) {
        int most = Math.min(LONGEST, configuration.positions()) - tokenizer.frameLength();
        List<String> sentences = text == null ? TextFile.corpus(TextProfile.ALL) : TextFile.read(text, null);
        return sentences.stream()
                .map(tokenizer::encode)
                .map(tokens -> tokenizer.framed(Arrays.copyOf(tokens, Math.min(most, tokens.length))))
                .filter(tokens -> tokens.length > 2)
                .toList();
    }
}
