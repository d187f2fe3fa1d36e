package leakmark.attacks;

import java.util.Locale;

/** What the client trains; the server chose it, so the attacker knows it. */
public enum Task {
    /** Cross-entropy of a linear head on the last token of each sequence, averaged over sequences. */
    CLASSIFICATION,
    /** Cross-entropy of each next token, averaged over all predicted tokens of the batch. */
    NEXT_TOKEN;

    /** Spelling on the command line and in files: {@code classification}, {@code next-token}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
