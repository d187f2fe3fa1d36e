package leakmark.benchmarks.jmh;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import leakmark.attacks.GradientFile;
import leakmark.attacks.GradientOracle;
import leakmark.attacks.SharedGradient;
import leakmark.attacks.Task;
import leakmark.attacks.client.BatchSampler;
import leakmark.attacks.client.Client;
import leakmark.attacks.client.ClientBatch;
import leakmark.attacks.client.Padding;
import leakmark.attacks.client.TruthFile;
import leakmark.attacks.djl.Tokenizers;
import leakmark.attacks.djl.TransformerGradient;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.text.TextFile;
import leakmark.attacks.text.TextProfile;
import leakmark.attacks.text.Tokenizer;

/**
 * Clients' gradients of a run, made once and shared by its JMH forks: a fork that attacks need not train.
 *
 * <p>The folder is the system property {@value #FOLDER}; without it gradients go to a temporary folder of this process.
 */
public final class GradientStore {
    /** System property: the folder. */
    public static final String FOLDER = "leakmark.gradients";

    /** System property: a text file to draw sentences from, in place of the built-in corpus. */
    public static final String TEXT = "leakmark.text";

    private GradientStore() {}

    /**
     * One client's batch.
     *
     * @param model preset or directory
     * @param weightStd standard deviation of a preset's weights
     * @param seed of weights, sentences and labels
     * @param batchSize sentences
     * @param sequenceLength most tokens of each
     */
    public record Cell(String model, double weightStd, long seed, int batchSize, int sequenceLength) {
        String file() {
            return (model + "-" + weightStd + "-" + seed + "-" + batchSize + "x" + sequenceLength)
                    .replaceAll("[^A-Za-z0-9.-]", "_");
        }
    }

    /** A gradient and, for scoring only, the batch it came from. */
    public record Stored(SharedGradient gradient, ClientBatch truth) {}

    /** Makes a cell's gradient unless it is there. */
    public static void make(Path folder, Cell cell, PublicModel model, GradientOracle oracle) {
        Path file = folder.resolve(cell.file() + ".safetensors");
        if (Files.exists(file)) {
            return;
        }
        ClientBatch batch = new BatchSampler(
                        tokenizer(cell, model),
                        sentences(),
                        cell.sequenceLength(),
                        Padding.RIGHT,
                        model.configuration().labels())
                .sample(cell.batchSize(), cell.seed());
        Set<String> names = Client.attackNames(model.configuration(), Task.CLASSIFICATION);
        SharedGradient gradient = new Client(oracle).share(model, Task.CLASSIFICATION, batch, names);
        TruthFile.write(folder.resolve(cell.file() + ".truth.json"), batch);
        GradientFile.write(file, gradient, Map.of("model", cell.model(), "seed", Long.toString(cell.seed())));
    }

    /** Reads a cell's gradient, making it first where no run has. */
    static Stored read(Cell cell, PublicModel model) {
        Path folder = folder();
        if (!Files.exists(folder.resolve(cell.file() + ".safetensors"))) {
            try (TransformerGradient oracle = new TransformerGradient()) {
                make(folder, cell, model, oracle);
            }
        }
        return read(folder, cell, model);
    }

    /** Reads a cell's gradient from a folder. */
    public static Stored read(Path folder, Cell cell, PublicModel model) {
        return new Stored(
                GradientFile.read(folder.resolve(cell.file() + ".safetensors"), model),
                TruthFile.read(folder.resolve(cell.file() + ".truth.json")));
    }

    /** The model's tokenizer. */
    public static Tokenizer tokenizer(Cell cell, PublicModel model) {
        return Tokenizers.of(directory(cell), model.configuration()).tokenizer();
    }

    private static List<String> sentences() {
        String text = System.getProperty(TEXT);
        return text == null ? TextFile.corpus(TextProfile.ALL) : TextFile.read(Path.of(text), null);
    }

    private static @org.jspecify.annotations.Nullable Path directory(Cell cell) {
        Path path = Path.of(cell.model());
        return Files.isDirectory(path) ? path : null;
    }

    private static Path folder() {
        String named = System.getProperty(FOLDER);
        try {
            return named == null ? Files.createTempDirectory("leakmark-gradients") : Path.of(named);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
