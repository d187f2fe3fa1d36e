package leakmark.attacks.dager;

import leakmark.attacks.model.PublicModel;
import leakmark.kernels.KernelProvider;
import org.jspecify.annotations.Nullable;

/** Layer 1's weights, brought to the provider once for all attacks on a model. */
public final class ResidentEmbeddings implements AutoCloseable {
    private final KernelProvider kernels;
    private @Nullable NormalisedEmbeddings kept;

    public ResidentEmbeddings(KernelProvider kernels) {
        this.kernels = kernels;
    }

    /** A model's; those of the model before are given back. */
    public synchronized NormalisedEmbeddings of(PublicModel model) {
        NormalisedEmbeddings embeddings = kept;
        if (embeddings == null || !embeddings.model().equals(model)) {
            close();
            embeddings = new NormalisedEmbeddings(model, kernels);
            kept = embeddings;
        }
        return embeddings;
    }

    @Override
    public synchronized void close() {
        NormalisedEmbeddings embeddings = kept;
        kept = null;
        if (embeddings != null) {
            embeddings.close();
        }
    }
}
