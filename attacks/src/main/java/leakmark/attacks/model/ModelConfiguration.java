package leakmark.attacks.model;

/**
 * The shape of a GPT-2-like transformer: pre-LayerNorm blocks, learned positions, GELU (tanh form), causal attention.
 *
 * @param name the preset's name or the directory's
 * @param layers transformer blocks
 * @param hiddenSize width d of the residual stream
 * @param heads attention heads; divides {@code hiddenSize}
 * @param vocabularySize rows V of the token embedding
 * @param positions rows of the position embedding: the longest sequence
 * @param innerSize width of the MLP's hidden layer (4·d in GPT-2)
 * @param labels classes of the classification head
 * @param layerNormEpsilon added to the variance in LayerNorm
 */
public record ModelConfiguration(
        String name,
        int layers,
        int hiddenSize,
        int heads,
        int vocabularySize,
        int positions,
        int innerSize,
        int labels,
        double layerNormEpsilon) {
    /** Size of one head: {@code hiddenSize / heads}. */
    public int headSize() {
        return hiddenSize / heads;
    }
}
