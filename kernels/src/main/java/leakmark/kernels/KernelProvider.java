package leakmark.kernels;

/** The kernels of one implementation. Providers are stateless; buffers and searches they open are closed by the caller. */
public interface KernelProvider {
    /** Spelling on the command line: {@code scalar}, {@code vector}. */
    String name();

    /** Whether it runs here. */
    Availability availability();

    /** Brings a matrix to the provider's device; CPU providers take it as it is. */
    DeviceMatrix upload(Matrix matrix);

    /** Row spaces of gradients, and projections on them. */
    SpanProjection spanProjection();

    /** The token filter's pass over the embedding table. */
    VocabularySweep vocabularySweep();

    /** The decoder search's step. */
    PrefixExtension prefixExtension();

    /** The encoder search's solver. */
    default SupportRecovery supportRecovery() {
        throw new UnsupportedOperationException("provider " + name() + " has no support recovery");
    }
}
