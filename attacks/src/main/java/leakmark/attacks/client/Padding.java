package leakmark.attacks.client;

import java.util.Locale;

/** Where a client fills up shorter sequences; padded places take part in nothing, but they may move positions. */
public enum Padding {
    /** On the right: every sequence starts at position 0. */
    RIGHT,
    /** On the left without position ids: a shorter sequence starts at longest − length. */
    LEFT;

    /** Spelling on the command line and in files. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
