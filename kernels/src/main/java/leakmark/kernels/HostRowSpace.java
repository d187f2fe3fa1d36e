package leakmark.kernels;

/** A row space whose basis lies on the heap. Identity is its equality: nobody compares bases by value. */
public final class HostRowSpace implements RowSpace {
    private final int dimension;
    private final RankDecision decision;
    private final double[] basis;

    /** {@code basis}: Q, d × r column-major, with the appended directions. */
    public HostRowSpace(int dimension, RankDecision decision, double[] basis) {
        this.dimension = dimension;
        this.decision = decision;
        this.basis = basis;
    }

    @Override
    public int dimension() {
        return dimension;
    }

    @Override
    public int rank() {
        return basis.length / dimension;
    }

    @Override
    public RankDecision decision() {
        return decision;
    }

    @Override
    public double[] basis() {
        return basis;
    }
}
