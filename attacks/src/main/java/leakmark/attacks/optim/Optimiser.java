package leakmark.attacks.optim;

/** A rule for going downhill; without state, so one serves any number of attacks. */
public interface Optimiser {
    /** Spelling on the command line. */
    String label();

    /**
     * A search from a point.
     *
     * @param start n variables; copied
     */
    Search start(float[] start);

    /** Bytes one search holds over n variables. */
    long bytes(int variables);
}
