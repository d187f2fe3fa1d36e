package leakmark.attacks.text;

import java.util.Locale;

/** Which of the built-in sentences: their length decides how hard a batch is. */
public enum TextProfile {
    /** Sentences of a few words. */
    SHORT,
    /** Sentences of ordinary prose. */
    MEDIUM,
    /** Long sentences. */
    LONG,
    /** All of them, shortest profile first. */
    ALL;

    /** Spelling on the command line and in files. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
