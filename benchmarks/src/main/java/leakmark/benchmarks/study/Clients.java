package leakmark.benchmarks.study;

import java.util.List;
import leakmark.attacks.SharedGradient;
import leakmark.attacks.Task;
import leakmark.attacks.client.Client;
import leakmark.attacks.client.ClientBatch;
import leakmark.attacks.client.FixedLengthSampler;
import leakmark.attacks.djl.TransformerGradient;
import leakmark.attacks.model.Architecture;
import leakmark.attacks.model.ModelConfiguration;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.text.FramedTokenizer;
import leakmark.attacks.text.TextFile;
import leakmark.attacks.text.TextProfile;
import leakmark.attacks.text.Tokenizer;
import leakmark.attacks.text.WordTokenizer;
import org.jspecify.annotations.Nullable;

/** Clients' batches of text, and their gradients through the whole model; PyTorch is opened when first wanted. */
final class Clients implements AutoCloseable {
    /** Seed of weights and batches. */
    static final long SEED = 1;

    /** Standard deviation of a preset's weights. */
    static final double STANDARD_DEVIATION = 0.02;

    private @Nullable TransformerGradient opened;

    SharedGradient share(PublicModel model, Task task, ClientBatch batch) {
        return new Client(oracle()).share(model, task, batch, Client.attackNames(model.configuration(), task));
    }

    /** Runs models. */
    TransformerGradient oracle() {
        TransformerGradient oracle = opened;
        if (oracle == null) {
            oracle = new TransformerGradient();
            opened = oracle;
        }
        return oracle;
    }

    /** Batches of different sentences of one length for a model; a BERT's stand between special tokens. */
    static FixedLengthSampler.Draw draw(ModelConfiguration model, int length, int batches, int batchSize) {
        Tokenizer tokenizer = model.architecture() == Architecture.BERT
                ? FramedTokenizer.builtIn(model.vocabularySize())
                : new WordTokenizer(model.vocabularySize());
        return draw(tokenizer, model.labels(), length, batches, batchSize);
    }

    /** Batches of different sentences of one length. */
    static FixedLengthSampler.Draw draw(Tokenizer tokenizer, int classes, int length, int batches, int batchSize) {
        return new FixedLengthSampler(tokenizer, texts(tokenizer, length), length, classes)
                .draw(batches, batchSize, SEED);
    }

    /** The corpus; sentences that follow each other are joined until they are long enough where none is. */
    private static List<String> texts(Tokenizer tokenizer, int length) {
        List<String> sentences = TextFile.corpus(TextProfile.ALL);
        if (sentences.stream().anyMatch(sentence -> tokenizer.encode(sentence).length >= length)) {
            return sentences;
        }
        return TextFile.joined(sentences, tokenizer, length);
    }

    @Override
    public void close() {
        if (opened != null) {
            opened.close();
        }
    }
}
