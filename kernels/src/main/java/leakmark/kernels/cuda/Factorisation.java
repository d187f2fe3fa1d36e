package leakmark.kernels.cuda;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import leakmark.kernels.CloserLook;
import leakmark.kernels.Folding;
import leakmark.kernels.RankDecision;
import leakmark.kernels.RankGap;
import leakmark.kernels.RowSpace;

/**
 * One rank-revealing factorisation on the device: launches of {@code row_space.cu}. The host reads the pivots once the queue
 * has run and decides with {@link RankGap}, as every provider does.
 */
final class Factorisation {
    private static final String MODULE = "row_space";
    private static final int BLOCK = 32;
    private static final int FOLD_TILE = 32;
    /** Blocks queued before the host looks whether the rank has been reached: 8 blocks are 256 directions. */
    private static final int QUEUE = 8;
    /** A direction whose rest is smaller than this part of it lies in the space already. */
    private static final double INSIDE = 1e-6;
    /** No value is as small: the queue goes on. */
    private static final double NEVER = -1;

    private final Workspace work;
    private final SpanResidual residual;
    private final int version;
    private final CudaMatrix gradient;
    private final int d;
    private final int s;
    private final DeviceMemory signs;
    private final DeviceMemory place;
    private final DeviceMemory folded;
    private final DeviceMemory partials;
    private final DeviceMemory norm;
    private final DeviceMemory active;
    private final DeviceMemory unlimited;
    private final DeviceMemory deviceValues;
    private final DeviceMemory coefficients;
    private final DeviceMemory basis;
    private int rank;

    /**
     * Prepares it.
     *
     * @param basis room for s rows of d and those to be appended; stays the caller's
     * @param version rung of the orthonormalisation
     */
    Factorisation(Workspace work, CudaMatrix gradient, DeviceMemory basis, int version) {
        this.work = work;
        this.residual = new SpanResidual(work);
        this.version = version;
        this.gradient = gradient;
        this.basis = basis;
        this.d = gradient.rows();
        this.s = Math.min(d, gradient.columns());
        Folding folding = Folding.of(gradient.columns(), s);
        this.signs = work.of(folding.signs(), "signs of the fold");
        this.place = work.of(folding.place(), "order of the fold");
        this.folded = work.room((long) s * d, Double.BYTES, "a folded gradient");
        this.partials = work.room(tiles(), Double.BYTES, "sums of squares");
        this.norm = work.room(1, Double.BYTES, "a norm");
        this.active = work.room(1, Integer.BYTES, "a count");
        this.unlimited = work.of(new int[] {Integer.MAX_VALUE}, "a count");
        this.deviceValues = work.room(s, Double.BYTES, "pivots");
        int sample = Math.min(s, CloserLook.SAMPLES.get(CloserLook.SAMPLES.size() - 1));
        this.coefficients = residual.coefficientRoom(Math.max(BLOCK, sample), s, d);
    }

    private int tiles() {
        return (s + FOLD_TILE - 1) / FOLD_TILE * ((d + FOLD_TILE - 1) / FOLD_TILE);
    }

    /** Factorises and decides; then {@link #rank} rows of the basis are the space. */
    RankDecision decide() {
        fold();
        work.launchBlocks(MODULE, "gradient_norm", 1, 256, partials, tiles(), norm, active);
        for (int start = 0; start < s && isActive(start); start += QUEUE * BLOCK) {
            for (int at = start; at < Math.min(s, start + QUEUE * BLOCK); at += BLOCK) {
                take(at);
            }
        }
        double[] values = new double[s];
        double[] frobenius = new double[1];
        work.get(deviceValues, 0, values);
        work.get(norm, 0, frobenius);
        int count = count(values, frobenius[0]);
        RankDecision decision = RankGap.decide(Arrays.copyOf(values, count));
        for (int most : CloserLook.SAMPLES) {
            if (frobenius[0] > 0 && CloserLook.isNeeded(decision, most, s)) {
                decision = closer(values, count, Math.min(s, most), frobenius[0]);
            }
        }
        rank = Math.max(decision.rank(), 0);
        return decision;
    }

    /** Rows of the basis in use. */
    int rank() {
        return rank;
    }

    private void fold() {
        work.launchBlocks(
                MODULE,
                "gradient_fold",
                tiles(),
                256,
                gradient.memory(),
                d,
                gradient.columns(),
                gradient.stride(),
                s,
                signs,
                place,
                folded,
                partials);
    }

    private boolean isActive(int start) {
        if (start == 0) {
            return true;
        }
        int[] state = new int[1];
        work.get(active, 0, state);
        return state[0] > 0;
    }

    /** One block of folded rows: out of the basis so far, twice, then orthonormal among themselves. */
    private void take(int start) {
        int width = Math.min(BLOCK, s - start);
        DeviceMemory.View block = folded.from(8L * start * d);
        for (int pass = 0; start > 0 && pass < 2; pass++) {
            residual.remove(block, width, active, basis, start, d, coefficients, block);
        }
        orthonormal(block, width, true, deviceValues, start, RankGap.FLOAT32_NOISE, active);
    }

    private void orthonormal(
            Object block,
            int width,
            boolean pivoted,
            DeviceMemory values,
            int first,
            double noise,
            DeviceMemory state) {
        work.launchBlocks(
                MODULE,
                "orthonormal_" + version,
                1,
                version == 0 ? BLOCK : 1024,
                block,
                width,
                d,
                pivoted ? 1 : 0,
                basis,
                values,
                first,
                norm,
                noise,
                state);
    }

    /** Pivots that were taken: up to the first block that ends in noise. */
    private int count(double[] values, double frobenius) {
        if (!(frobenius > 0)) {
            return 0;
        }
        for (int end = Math.min(BLOCK, s); end < s; end = Math.min(end + BLOCK, s)) {
            if (!(values[end - 1] > RankGap.FLOAT32_NOISE)) {
                return end;
            }
        }
        return s;
    }

    /** {@link CloserLook} by the eigenvalues of the Gram matrix of the sample's rest; finds directions for the basis, too. */
    private RankDecision closer(double[] values, int count, int sample, double frobenius) {
        int sure = CloserLook.sure(values, count);
        fold();
        DeviceMemory rest = work.room((long) sample * d, Double.BYTES, "rests of a sample");
        DeviceMemory gram = work.room((long) sample * sample, Double.BYTES, "a Gram matrix");
        DeviceMemory vectors = work.room((long) sample * sample, Double.BYTES, "eigenvectors");
        DeviceMemory.View last = folded.from(8L * (s - sample) * d);
        residual.remove(last, sample, unlimited, basis, sure, d, coefficients, rest);
        residual.remove(rest, sample, unlimited, basis, sure, d, coefficients, rest);
        residual.project(rest, sample, unlimited, rest, sample, d, 1, gram);
        work.launchBlocks(MODULE, "symmetric_eigen", 1, 512, gram, sample, vectors);
        double[] squares = new double[sample * sample];
        work.get(gram, 0, squares);
        int[] order = IntStream.range(0, sample)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -squares[i * sample + i]))
                .mapToInt(i -> i)
                .toArray();
        double[] rests = Arrays.stream(order)
                .mapToDouble(i -> Math.sqrt(Math.max(squares[i * sample + i], 0) / sample) / frobenius)
                .toArray();
        RankDecision decision = CloserLook.decide(values, sure, rests, s);
        if (decision.hasGap()) {
            directions(Arrays.copyOf(order, decision.rank() - sure), vectors, rest, sample, sure);
        }
        work.release(rest);
        work.release(gram);
        work.release(vectors);
        return decision;
    }

    /** Singular directions {@code Vᵀ rest} of the chosen eigenvectors, made orthonormal behind the sure ones. */
    private void directions(int[] chosen, DeviceMemory vectors, DeviceMemory rest, int sample, int sure) {
        int more = chosen.length;
        DeviceMemory indices = work.of(chosen, "chosen eigenvectors");
        DeviceMemory picked = work.room((long) more * sample, Double.BYTES, "chosen eigenvectors");
        DeviceMemory rows = work.room((long) more * d, Double.BYTES, "singular directions");
        DeviceMemory lengths = work.room((long) sure + more, Double.BYTES, "lengths");
        work.launch("prefix_extension", "gather_rows", more, 1, 256, vectors, indices, more, unlimited, sample, picked);
        // A direction's sign is free: 0 − Vᵀ rest serves.
        work.clear(rows);
        work.clear(lengths);
        residual.combine(rows, more, unlimited, rest, sample, d, 1, picked, rows);
        for (int at = 0; at < more; at += BLOCK) {
            int width = Math.min(BLOCK, more - at);
            DeviceMemory.View block = rows.from(8L * at * d);
            for (int pass = 0; pass < 2; pass++) {
                residual.remove(block, width, unlimited, basis, sure + at, d, coefficients, block);
            }
            orthonormal(block, width, true, lengths, sure + at, NEVER, unlimited);
        }
    }

    /** Adds a direction to the basis, unless it lies in the space already. */
    void append(float[] direction) {
        double[] values = IntStream.range(0, d).mapToDouble(i -> direction[i]).toArray();
        DeviceMemory z = work.of(values, "a direction");
        DeviceMemory rest = work.room(d, Double.BYTES, "a direction");
        DeviceMemory distance = work.room(1, Double.BYTES, "a distance");
        DeviceMemory lengths = work.room(rank + 1L, Double.BYTES, "lengths");
        residual.remove(z, 1, unlimited, basis, rank, d, coefficients, rest);
        residual.remove(rest, 1, unlimited, basis, rank, d, coefficients, rest);
        residual.distances(z, rest, 1, unlimited, d, distance);
        double[] outside = new double[1];
        work.get(distance, 0, outside);
        if (outside[0] > INSIDE) {
            work.clear(lengths);
            orthonormal(rest, 1, false, lengths, rank, NEVER, unlimited);
            rank++;
        }
    }

    /**
     * Rows made orthonormal in the complement of a space.
     *
     * @param rows k × d, float64
     */
    static double[] complement(Workspace work, RowSpace space, double[] rows) {
        int d = space.dimension();
        int k = rows.length / d;
        SpanResidual residual = new SpanResidual(work);
        DeviceMemory basis = SpanResidual.basis(work, space);
        DeviceMemory unlimited = work.of(new int[] {Integer.MAX_VALUE}, "a count");
        DeviceMemory z = work.of(rows, "random directions");
        DeviceMemory sketch = work.room(rows.length, Double.BYTES, "a sketch");
        DeviceMemory coefficients = residual.coefficientRoom(k, Math.max(space.rank(), k), d);
        DeviceMemory one = work.of(new double[] {1}, "a norm");
        DeviceMemory lengths = work.room(k, Double.BYTES, "lengths");
        work.clear(lengths);
        for (int pass = 0; pass < 2; pass++) {
            residual.remove(z, k, unlimited, basis, space.rank(), d, coefficients, z);
        }
        for (int at = 0; at < k; at += BLOCK) {
            int width = Math.min(BLOCK, k - at);
            DeviceMemory.View block = z.from(8L * at * d);
            for (int pass = 0; pass < 2; pass++) {
                residual.remove(block, width, unlimited, sketch, at, d, coefficients, block);
            }
            work.launchBlocks(
                    MODULE, "orthonormal_1", 1, 1024, block, width, d, 0, sketch, lengths, at, one, NEVER, unlimited);
        }
        double[] result = new double[rows.length];
        work.get(sketch, 0, result);
        return result;
    }
}
