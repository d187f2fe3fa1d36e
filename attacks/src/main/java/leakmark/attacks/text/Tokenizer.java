package leakmark.attacks.text;

/** Text to token ids and back. */
public interface Tokenizer {
    /** Ids of a text, without special tokens. */
    int[] encode(String text);

    /** The text of ids; {@code decode(encode(text))} gives {@code text} up to leading and trailing blanks. */
    String decode(int[] tokens);
}
