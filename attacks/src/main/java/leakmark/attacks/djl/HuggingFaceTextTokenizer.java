package leakmark.attacks.djl;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import leakmark.attacks.AttackException;
import leakmark.attacks.text.Tokenizer;

/** The tokenizer a model was published with, from its {@code tokenizer.json}. No special tokens, nothing cut off. */
public final class HuggingFaceTextTokenizer implements Tokenizer, AutoCloseable {
    /** The file's name in a model's directory. */
    public static final String FILE = "tokenizer.json";

    private final HuggingFaceTokenizer tokenizer;
    private final Path file;

    /**
     * Reads {@code directory/tokenizer.json}.
     *
     * @throws AttackException if there is no such file, it cannot be read, or the native library cannot be loaded
     */
    public HuggingFaceTextTokenizer(Path directory) {
        TorchEngine.setProperties();
        file = directory.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            throw new AttackException("no " + FILE + " in " + directory);
        }
        try {
            tokenizer = HuggingFaceTokenizer.builder()
                    .optTokenizerPath(file)
                    .optAddSpecialTokens(false)
                    .optTruncation(false)
                    .optPadding(false)
                    .optMaxLength(Integer.MAX_VALUE)
                    .build();
        } catch (IOException | RuntimeException | LinkageError failure) {
            throw new AttackException("the tokenizer " + file + " cannot be read: " + failure.getMessage(), failure);
        }
    }

    @Override
    public int[] encode(String text) {
        return Arrays.stream(tokenizer.encode(text, false, false).getIds())
                .mapToInt(Math::toIntExact)
                .toArray();
    }

    @Override
    public String decode(int[] tokens) {
        return tokenizer.decode(Arrays.stream(tokens).asLongStream().toArray(), false);
    }

    /**
     * Id of a special token.
     *
     * @throws AttackException if the vocabulary has none of that name
     */
    int special(String name) {
        int[] ids = encode(name);
        if (ids.length != 1) {
            throw new AttackException("the tokenizer " + file + " has no token " + name + "; an encoder needs it");
        }
        return ids[0];
    }

    @Override
    public void close() {
        tokenizer.close();
    }

    @Override
    public String toString() {
        return file.toString();
    }
}
