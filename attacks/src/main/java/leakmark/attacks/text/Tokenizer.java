package leakmark.attacks.text;

/** Text to token ids and back. */
public interface Tokenizer {
    /** Ids of a text, without special tokens. */
    int[] encode(String text);

    /** The text of ids; {@code decode(encode(text))} gives {@code text} up to leading and trailing blanks. */
    String decode(int[] tokens);

    /** The sequence a model gets: the tokens of a text, between special tokens where the model has them. */
    default int[] framed(int[] tokens) {
        return tokens;
    }

    /** How many tokens {@link #framed} adds. */
    default int frameLength() {
        return 0;
    }
}
