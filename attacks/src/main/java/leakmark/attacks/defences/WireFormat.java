package leakmark.attacks.defences;

/**
 * What travels.
 *
 * @param entries entries of the whole gradient
 * @param sent entries that are sent
 * @param bits of one sent entry
 * @param indexed true if the receiver must be told which entries were sent
 */
public record WireFormat(double entries, double sent, double bits, boolean indexed) {
    private static final double INDEX_BITS = 32;

    /** Everything, as float32. */
    public static WireFormat plain(long entries) {
        return new WireFormat(entries, entries, Float.SIZE, false);
    }

    /** Bytes: entries, and the cheaper of a list of indices and one bit an entry. */
    public double bytes() {
        double indices = indexed ? Math.min(sent * INDEX_BITS, entries) : 0;
        return (sent * bits + indices) / Byte.SIZE;
    }
}
