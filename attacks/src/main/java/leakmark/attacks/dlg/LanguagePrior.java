package leakmark.attacks.dlg;

/** How unlike natural text a sequence is; lower is more natural. LAMP chooses reorderings by it. */
public interface LanguagePrior {
    /** Mean negative log-likelihood of a token, nats. */
    double surprise(int[] tokens);

    /** Knows nothing. */
    static LanguagePrior none() {
        return tokens -> 0;
    }
}
