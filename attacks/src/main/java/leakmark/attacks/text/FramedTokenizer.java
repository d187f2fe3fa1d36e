package leakmark.attacks.text;

import java.util.Arrays;

/**
 * A tokenizer of an encoder: sentences stand between [CLS] and [SEP].
 *
 * @param words the text's tokenizer
 * @param first id of [CLS]
 * @param last id of [SEP]
 * @param mask id of [MASK]
 */
public record FramedTokenizer(Tokenizer words, int first, int last, int mask) implements Tokenizer {
    private static final int FRAME = 2;

    /** Tokens the built-in tokenizer leaves to [CLS], [SEP] and [MASK]: the last three ids. */
    private static final int SPECIAL = 3;

    /** The built-in tokenizer for a vocabulary of that size. */
    public static FramedTokenizer builtIn(int vocabularySize) {
        int words = vocabularySize - SPECIAL;
        return new FramedTokenizer(new WordTokenizer(words), words, words + 1, words + 2);
    }

    @Override
    public int[] encode(String text) {
        return words.encode(text);
    }

    @Override
    public String decode(int[] tokens) {
        return words.decode(
                Arrays.stream(tokens).filter(t -> t != first && t != last).toArray());
    }

    @Override
    public int[] framed(int[] tokens) {
        int[] result = new int[tokens.length + FRAME];
        result[0] = first;
        System.arraycopy(tokens, 0, result, 1, tokens.length);
        result[tokens.length + 1] = last;
        return result;
    }

    @Override
    public int frameLength() {
        return FRAME;
    }
}
