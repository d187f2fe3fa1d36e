package leakmark.kernels;

import leakmark.kernels.matching.GradientMatching;

/** The kernels of one implementation. Providers are stateless; buffers and searches they open are closed by the caller. */
public interface KernelProvider {
    /** Spelling on the command line: {@code scalar}, {@code vector}, {@code cuda}. */
    String name();

    /** Whether it runs here. */
    Availability availability();

    /** True if it runs on a stand-in for the hardware it is named after: right results, meaningless times. */
    default boolean isImitation() {
        return false;
    }

    /** True if calls from several threads run side by side. */
    default boolean isConcurrent() {
        return false;
    }

    /** Brings a matrix to the provider's device; CPU providers take it as it is. */
    DeviceMatrix upload(Matrix matrix);

    /** Row spaces of gradients, and projections on them. */
    SpanProjection spanProjection();

    /** The token filter's pass over the embedding table. */
    VocabularySweep vocabularySweep();

    /** The decoder search's step. */
    PrefixExtension prefixExtension();

    /** Group-sparse support recovery: the encoder attack's solver. */
    SupportRecovery supportRecovery();

    /** Second-order gradient matching. */
    GradientMatching gradientMatching();
}
