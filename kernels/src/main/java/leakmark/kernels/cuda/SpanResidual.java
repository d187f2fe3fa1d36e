package leakmark.kernels.cuda;

import leakmark.kernels.Cost;
import leakmark.kernels.RowSpace;

/** Rows taken out of a row space on the device: launches of {@code span_residual.cu}. */
final class SpanResidual {
    private static final String MODULE = "span_residual";
    private static final int TILE = 32;
    private static final int DEPTH = 16;
    /** Splits of d beyond which sums of the parts cost what the split saves. */
    private static final int MOST_SPLITS = 8;

    private final Workspace work;
    private final int version;

    SpanResidual(Workspace work) {
        this(work, 1);
    }

    /** With the kernels of a rung. */
    SpanResidual(Workspace work, int version) {
        this.work = work;
        this.version = version;
    }

    /** The basis of a space as rows on the device. */
    static DeviceMemory basis(Workspace work, RowSpace space) {
        return space instanceof CudaRowSpace there && there.memory().device() == work.device()
                ? there.memory()
                : work.of(space.basis(), "a basis");
    }

    /** How many parts d is split into, so that few rows still fill the device. */
    int splits(int n, int r, int d) {
        long tiles = (long) ((n + TILE - 1) / TILE) * ((r + TILE - 1) / TILE);
        long wanted = 2L * work.blocks(1) / Math.max(tiles, 1);
        return (int) Math.max(1, Math.min(Math.min(wanted, MOST_SPLITS), (d + DEPTH - 1) / DEPTH));
    }

    /** Room for the coefficients of n rows in r directions. */
    DeviceMemory coefficientRoom(int n, int r, int d) {
        return work.room((long) splits(n, r, d) * n * r, Double.BYTES, "coefficients in a row space");
    }

    /**
     * {@code rest ← z − (z Qᵀ) Q}.
     *
     * @param z n × d, memory or a view; may be {@code rest}
     * @param counted count on the device that limits n, memory or a view
     * @param basis r × d
     * @param coefficients room for at least n × r; more of it lets d be split
     */
    void remove(
            Object z, int n, Object counted, DeviceMemory basis, int r, int d, DeviceMemory coefficients, Object rest) {
        long fitting = coefficients.bytes() / Math.max(1, (long) Double.BYTES * n * r);
        int splits = (int) Math.min(splits(n, r, d), fitting);
        project(z, n, counted, basis, r, d, splits, coefficients);
        combine(z, n, counted, basis, r, d, splits, coefficients, rest);
    }

    /** {@code coefficients ← z Qᵀ}, in parts. */
    void project(
            Object z, int n, Object counted, DeviceMemory basis, int r, int d, int splits, DeviceMemory coefficients) {
        long tiles = (long) ((n + TILE - 1) / TILE) * ((r + TILE - 1) / TILE) * splits;
        work.launch(
                MODULE,
                "span_coefficients_" + version,
                tiles,
                1,
                128,
                z,
                n,
                counted,
                basis,
                r,
                d,
                splits,
                coefficients);
    }

    /** {@code rest ← z − coefficients Q}. */
    void combine(
            Object z,
            int n,
            Object counted,
            DeviceMemory basis,
            int r,
            int d,
            int splits,
            DeviceMemory coefficients,
            Object rest) {
        long tiles = (long) ((n + TILE - 1) / TILE) * ((d + TILE - 1) / TILE);
        work.launch(
                MODULE, "span_rest_" + version, tiles, 1, 128, z, n, counted, basis, r, d, splits, coefficients, rest);
    }

    /** {@code ‖rest‖/‖z‖} of each row. */
    void distances(Object z, DeviceMemory rest, int n, Object counted, int d, DeviceMemory distances) {
        work.launch(MODULE, "span_distances", n, 8, 256, z, rest, n, counted, d, distances);
    }

    /** Declared work of {@link #remove}. */
    static Cost cost(int n, int d, int r) {
        double vectors = (double) n * d;
        return new Cost(4 * vectors * r, 8 * (3 * vectors + 2.0 * d * r + 2.0 * n * r));
    }
}
