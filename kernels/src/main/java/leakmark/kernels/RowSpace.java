package leakmark.kernels;

/**
 * The span of a linear layer's inputs, read off its weight gradient.
 *
 * <p>For {@code Y = X W} the gradient is {@code G = Xᵀ D}, so the column space of G (d_in × d_out) lies in the span of the
 * rows of X.
 */
public interface RowSpace extends AutoCloseable {
    /** d: length of the vectors it lives among. */
    int dimension();

    /** r: dimension of the space, counting appended directions. */
    int rank();

    /** How the rank was found; appended directions are not part of it. */
    RankDecision decision();

    /** Q (d × r) with orthonormal columns, column-major, float64. */
    double[] basis();

    /** Gives back what it holds on its provider's device; on the heap nothing. */
    @Override
    default void close() {}
}
