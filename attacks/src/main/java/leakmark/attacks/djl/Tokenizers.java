package leakmark.attacks.djl;

import java.nio.file.Files;
import java.nio.file.Path;
import leakmark.attacks.AttackException;
import leakmark.attacks.model.Architecture;
import leakmark.attacks.model.ModelConfiguration;
import leakmark.attacks.text.FramedTokenizer;
import leakmark.attacks.text.Tokenizer;
import leakmark.attacks.text.WordTokenizer;
import org.jspecify.annotations.Nullable;

/** The tokenizer that goes with a model. */
public final class Tokenizers {
    private Tokenizers() {}

    /**
     * The model directory's own tokenizer if it has a {@code tokenizer.json}, else the built-in one.
     *
     * @param directory the model's directory; null for a model without one
     * @param vocabularySize rows V of the model's token embedding
     * @throws AttackException if the file is there but cannot be read, or the vocabulary is too small for the built-in one
     */
    public static Choice of(@Nullable Path directory, int vocabularySize) {
        if (directory != null && Files.isRegularFile(directory.resolve(HuggingFaceTextTokenizer.FILE))) {
            HuggingFaceTextTokenizer tokenizer = new HuggingFaceTextTokenizer(directory);
            return new Choice(tokenizer, tokenizer.toString());
        }
        WordTokenizer tokenizer = new WordTokenizer(vocabularySize);
        return new Choice(tokenizer, "built-in words, " + tokenizer.size() + " of " + vocabularySize + " ids in use");
    }

    /**
     * The tokenizer of a model; an encoder's puts sentences between [CLS] and [SEP].
     *
     * @param directory the model's directory; null for a model without one
     * @throws AttackException as {@link #of(Path, int)} does
     */
    public static Choice of(@Nullable Path directory, ModelConfiguration configuration) {
        int vocabularySize = configuration.vocabularySize();
        if (configuration.architecture() != Architecture.BERT) {
            return of(directory, vocabularySize);
        }
        if (directory != null && Files.isRegularFile(directory.resolve(HuggingFaceTextTokenizer.FILE))) {
            HuggingFaceTextTokenizer tokenizer = new HuggingFaceTextTokenizer(directory);
            return new Choice(
                    new FramedTokenizer(
                            tokenizer,
                            tokenizer.special("[CLS]"),
                            tokenizer.special("[SEP]"),
                            tokenizer.special("[MASK]")),
                    tokenizer.toString());
        }
        FramedTokenizer tokenizer = FramedTokenizer.builtIn(vocabularySize);
        return new Choice(tokenizer, "built-in words between [CLS] and [SEP]");
    }

    /**
     * A tokenizer, and which one it is.
     *
     * @param tokenizer the tokenizer
     * @param description one phrase for people
     */
    public record Choice(Tokenizer tokenizer, String description) {}
}
