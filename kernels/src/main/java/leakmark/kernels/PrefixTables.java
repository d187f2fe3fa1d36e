package leakmark.kernels;

/**
 * What layer 1's attention needs of every candidate token and position, so that no pair costs a projection.
 *
 * <p>LayerNorm's output is {@code γ∘(ê_t + p̂_i)/σ_{t,i} + β} with centred ê, p̂, so each of query, key and value is {@code
 * (token_t + position_i)/σ_{t,i} + constant}. T tokens, P positions, H heads, d hidden, k sketch columns.
 *
 * @param heads H; divides d
 * @param tokenQkv T × 3d: {@code (γ∘ê_t) W}, query, key, value side by side
 * @param positionQkv P × 3d: {@code (γ∘p̂_i) W}
 * @param constantQkv 3d: {@code β W + b}
 * @param inverseSigma T × P: {@code 1/σ_{t,i}}
 * @param sketch N, d × k: complement sketch of the attention output's span
 */
public record PrefixTables(
        int heads, Matrix tokenQkv, Matrix positionQkv, float[] constantQkv, Matrix inverseSigma, Matrix sketch) {
    public PrefixTables {
        int d = sketch.rows();
        if (tokenQkv.columns() != 3 * d
                || positionQkv.columns() != 3 * d
                || constantQkv.length != 3 * d
                || d % heads != 0
                || inverseSigma.rows() != tokenQkv.rows()
                || inverseSigma.columns() != positionQkv.rows()) {
            throw new IllegalArgumentException("tables of different shapes");
        }
    }

    /** T. */
    public int tokens() {
        return tokenQkv.rows();
    }

    /** P. */
    public int positions() {
        return positionQkv.rows();
    }

    /** d. */
    public int hiddenSize() {
        return sketch.rows();
    }

    /** d / H. */
    public int headSize() {
        return hiddenSize() / heads;
    }
}
