package leakmark.kernels.cuda;

import leakmark.kernels.RankDecision;
import leakmark.kernels.RowSpace;

/** A row space whose basis stays on the device. */
final class CudaRowSpace implements RowSpace {
    private final int dimension;
    private final int rank;
    private final RankDecision decision;
    private final DeviceMemory basis;

    /** Takes over {@code basis}: at least {@code rank} rows of d, float64. */
    CudaRowSpace(int dimension, int rank, RankDecision decision, DeviceMemory basis) {
        this.dimension = dimension;
        this.rank = rank;
        this.decision = decision;
        this.basis = basis;
    }

    @Override
    public int dimension() {
        return dimension;
    }

    @Override
    public int rank() {
        return rank;
    }

    @Override
    public RankDecision decision() {
        return decision;
    }

    @Override
    public double[] basis() {
        double[] values = new double[rank * dimension];
        try (Workspace work = new Workspace(basis.device())) {
            work.get(basis, 0, values);
        }
        return values;
    }

    /** The basis, rank rows of d, on the device. */
    DeviceMemory memory() {
        return basis;
    }

    @Override
    public void close() {
        basis.close();
    }
}
