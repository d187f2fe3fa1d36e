package leakmark.benchmarks.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import leakmark.attacks.AttackException;
import leakmark.attacks.Task;
import leakmark.attacks.client.BatchSampler;
import leakmark.attacks.client.ClientBatch;
import leakmark.attacks.client.Masking;
import leakmark.attacks.client.Padding;
import leakmark.attacks.model.ModelConfiguration;
import leakmark.attacks.text.FramedTokenizer;
import leakmark.attacks.text.TextFile;
import leakmark.attacks.text.TextProfile;
import leakmark.attacks.text.Tokenizer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a client trains on. */
final class BatchOptions {
    private static final int BATCH_SIZE = 8;
    private static final int SEQUENCE_LENGTH = 24;

    @Option(names = "--batch-size", paramLabel = "N", description = "Sentences. Default: " + BATCH_SIZE + ".")
    private @Nullable Integer batchSize;

    @Option(
            names = "--sequence-length",
            paramLabel = "TOKENS",
            description = "Most tokens of a sentence; longer ones are cut. Default: " + SEQUENCE_LENGTH + ".")
    private @Nullable Integer sequenceLength;

    @Option(
            names = "--text",
            paramLabel = "FILE",
            description = "Sentences, one a line, UTF-8. Default: the built-in corpus.")
    private @Nullable Path text;

    @Option(
            names = "--column",
            paramLabel = "NAME",
            description = "FILE is tab-separated with a header; this column has the sentences.")
    private @Nullable String column;

    @Option(
            names = "--profile",
            converter = Labels.ProfileConverter.class,
            description = "Built-in sentences: short, medium, long or all. Default: all.")
    private @Nullable TextProfile profile;

    @Option(
            names = "--padding",
            paramLabel = "SIDE",
            converter = Labels.PaddingConverter.class,
            description = "Where shorter sentences are filled up: left or right. Default: right.")
    private @Nullable Padding padding;

    /** The options of this group that were given. */
    List<String> given() {
        List<String> given = new ArrayList<>();
        addIf(given, batchSize, "--batch-size");
        addIf(given, sequenceLength, "--sequence-length");
        addIf(given, text, "--text");
        addIf(given, column, "--column");
        addIf(given, profile, "--profile");
        addIf(given, padding, "--padding");
        return given;
    }

    /** Files that are read. */
    List<Path> files() {
        return text == null ? List.of() : List.of(text);
    }

    int batchSize() {
        return Objects.requireNonNullElse(batchSize, BATCH_SIZE);
    }

    int sequenceLength() {
        return Objects.requireNonNullElse(sequenceLength, SEQUENCE_LENGTH);
    }

    /**
     * Draws the batch, masked if the task asks for it.
     *
     * @throws AttackException if the text or the model has no room for it
     */
    ClientBatch sample(ModelConfiguration model, Tokenizer tokenizer, Task task, long seed) {
        if (sequenceLength() > model.positions()) {
            throw new AttackException("model " + model.name() + " has " + model.positions()
                    + " positions, sequences of " + sequenceLength() + " tokens do not fit: lower --sequence-length");
        }
        ClientBatch batch = new BatchSampler(
                        tokenizer,
                        sentences(),
                        sequenceLength(),
                        Objects.requireNonNullElse(padding, Padding.RIGHT),
                        model.labels())
                .sample(batchSize(), seed);
        return task == Task.MASKED_LM && tokenizer instanceof FramedTokenizer framed
                ? new Masking(framed.mask(), model.vocabularySize()).masked(batch, seed)
                : batch;
    }

    private List<String> sentences() {
        if (text != null) {
            if (profile != null) {
                throw new CommandFailure(
                        ExitCode.USAGE, "--profile chooses built-in sentences and --text brings others: give one");
            }
            return TextFile.read(text, column);
        }
        if (column != null) {
            throw new CommandFailure(ExitCode.USAGE, "--column is a column of --text FILE: give the file too");
        }
        return TextFile.corpus(Objects.requireNonNullElse(profile, TextProfile.ALL));
    }

    private static void addIf(List<String> given, @Nullable Object value, String name) {
        if (value != null) {
            given.add(name);
        }
    }
}
