package leakmark.attacks.model;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import leakmark.attacks.AttackException;

/** Public models by what a user calls them. */
public final class Models {
    private Models() {}

    /**
     * A preset with weights drawn from a seed, or the model in a directory. A preset's name wins over a directory of
     * that name; {@code ./gpt2} is the directory.
     *
     * @param presetOrDirectory a name of {@link Presets#names()}, or a directory of Hugging Face's
     * @param seed seed of the preset's weights, or of the head a directory lacks
     * @param standardDeviation σ of a preset's weights (see {@link SeededWeights}); a directory has its own weights
     * @throws AttackException if it is neither, or cannot be read
     */
    public static PublicModel open(String presetOrDirectory, long seed, double standardDeviation) {
        if (Presets.names().contains(presetOrDirectory)) {
            ModelConfiguration configuration = Presets.configuration(presetOrDirectory);
            return new PublicModel(configuration, new SeededWeights(configuration, seed, standardDeviation));
        }
        if (isDirectory(presetOrDirectory)) {
            return HuggingFaceDirectory.open(Path.of(presetOrDirectory), seed);
        }
        throw new AttackException("model " + SafeTensorsHeader.quoted(presetOrDirectory) + " is neither a preset ("
                + String.join(", ", Presets.names()) + ") nor a directory with config.json and model.safetensors");
    }

    private static boolean isDirectory(String name) {
        try {
            return !name.isEmpty() && Files.isDirectory(Path.of(name));
        } catch (InvalidPathException e) {
            return false;
        }
    }
}
