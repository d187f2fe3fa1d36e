package leakmark.benchmarks.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import leakmark.attacks.AttackException;
import leakmark.attacks.djl.Tokenizers;
import leakmark.attacks.model.Models;
import leakmark.attacks.model.Presets;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.SeededWeights;
import leakmark.attacks.text.Tokenizer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which model, and with which weights. What is not given comes from a gradient's provenance, else from the defaults. */
final class ModelOptions {
    private static final String MODEL = "model";
    private static final String SEED = "seed";
    private static final String WEIGHT_STD = "weightStd";

    @Option(
            names = "--model",
            paramLabel = "PRESET|DIR",
            description =
                    "A preset (see `leakmark list`) or a Hugging Face directory of a GPT-2 or BERT. Default: gpt2.")
    private @Nullable String model;

    @Option(names = "--seed", description = "Seed of the sentences, the labels and a preset's weights. Default: 1.")
    private @Nullable Long seed;

    @Option(
            names = "--weight-std",
            paramLabel = "STD",
            description = "Standard deviation of a preset's weights. Default: "
                    + SeededWeights.DEFAULT_STANDARD_DEVIATION + ".")
    private @Nullable Double weightStd;

    /**
     * A model that was chosen, its weights not yet there.
     *
     * @param name preset, or directory
     * @param seed of sentences, labels and weights
     * @param weightStd σ of a preset's weights; null for a directory
     * @param model the model
     */
    record Chosen(String name, long seed, @Nullable Double weightStd, PublicModel model) {
        /** What a gradient's file says about where it came from; it opens the same model again. */
        Map<String, String> provenance() {
            Map<String, String> provenance = new TreeMap<>();
            provenance.put(MODEL, name);
            provenance.put(SEED, Long.toString(seed));
            if (weightStd != null) {
                provenance.put(WEIGHT_STD, weightStd.toString());
            }
            return provenance;
        }

        Tokenizer tokenizer() {
            Path directory = weightStd == null ? Path.of(name) : null;
            return Tokenizers.of(directory, model.configuration()).tokenizer();
        }

        /** The files of a model's directory. */
        List<Path> files() {
            if (weightStd != null) {
                return List.of();
            }
            try (Stream<Path> files = Files.list(Path.of(name))) {
                return files.toList();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** The model by options and defaults. */
    Chosen choose() {
        return choose(0);
    }

    /** The model by options and defaults, with a later seed. */
    Chosen choose(int seedsOn) {
        return choose(Map.of(), "", seedsOn);
    }

    /**
     * The model by options, then provenance, then defaults.
     *
     * @param provenance of a gradient's file
     * @param source the file's name, for messages
     * @throws AttackException if there is no such model, or the provenance has no number where one must be
     */
    Chosen choose(Map<String, String> provenance, String source) {
        return choose(provenance, source, 0);
    }

    private Chosen choose(Map<String, String> provenance, String source, int seedsOn) {
        String name = model == null ? provenance.getOrDefault(MODEL, "gpt2") : model;
        Long storedSeed = seed == null ? number(provenance, SEED, Long::valueOf, source) : seed;
        Double storedStd = weightStd == null ? number(provenance, WEIGHT_STD, Double::valueOf, source) : weightStd;
        long chosenSeed = (storedSeed == null ? 1 : storedSeed) + seedsOn;
        double std = storedStd == null ? SeededWeights.DEFAULT_STANDARD_DEVIATION : storedStd;
        PublicModel opened = Models.open(name, chosenSeed, std);
        if (Presets.names().contains(name)) {
            return new Chosen(name, chosenSeed, std, opened);
        }
        if (weightStd != null) {
            throw new CommandFailure(
                    ExitCode.USAGE, "--weight-std is for presets; " + name + " has weights of its own");
        }
        return new Chosen(Path.of(name).toAbsolutePath().normalize().toString(), chosenSeed, null, opened);
    }

    private static <T> @Nullable T number(
            Map<String, String> provenance, String key, Function<String, T> parse, String source) {
        String text = provenance.get(key);
        try {
            return text == null ? null : parse.apply(text);
        } catch (NumberFormatException e) {
            throw new AttackException(
                    source + ": its provenance has the " + key + " '" + text + "', which is no number", e);
        }
    }
}
