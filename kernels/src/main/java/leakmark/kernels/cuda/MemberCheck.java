package leakmark.kernels.cuda;

import leakmark.kernels.RowSpace;
import org.jspecify.annotations.Nullable;

/** The exact test of survivors on the device: distances of their attention outputs from a row space, and who is within. */
final class MemberCheck {
    /** Where members begin in {@link #counts}: behind the survivors' and the members' count. */
    private static final int MEMBERS = 2;
    /** Members that come with the counts in one copy of 2 KB; more come in a second. */
    private static final int FIRST_READ = 256;

    private final Workspace work;
    private final SpanResidual residual;
    private final int d;
    private final GrowingMemory results;
    private final GrowingMemory rests;
    private final GrowingMemory coefficients;
    private final GrowingMemory distances;
    private final GrowingMemory indices;
    private @Nullable RowSpace known;
    private @Nullable DeviceMemory knownBasis;

    /**
     * What the host learns when a queue has run.
     *
     * @param survivors how many there are in all
     * @param pairs prefix and token of each member
     * @param outputs attention outputs of members, n × d
     */
    record Found(int survivors, int[] pairs, double[] outputs) {}

    MemberCheck(Workspace work, int d) {
        this.work = work;
        this.residual = new SpanResidual(work);
        this.d = d;
        this.results = new GrowingMemory(work, Integer.BYTES, "counts and members");
        this.rests = new GrowingMemory(work, Double.BYTES, "rests of attention outputs");
        this.coefficients = new GrowingMemory(work, Double.BYTES, "coefficients of attention outputs");
        this.distances = new GrowingMemory(work, Double.BYTES, "distances of attention outputs");
        this.indices = new GrowingMemory(work, Integer.BYTES, "members");
    }

    /** Where the survivors' count is written, with room for n members behind. */
    DeviceMemory counts(int n) {
        return results.atLeast(MEMBERS + 2L * n);
    }

    /** The members of the last {@link #check}, on the device. */
    Object members() {
        return counts(1).from((long) MEMBERS * Integer.BYTES);
    }

    /** Basis of a space; one that is not on the device is brought there once. */
    @SuppressWarnings("ReferenceEquality") // the very same space: its basis is on the device already
    private DeviceMemory basis(RowSpace space) {
        DeviceMemory basis = knownBasis;
        if (basis == null || !space.equals(known)) {
            basis = SpanResidual.basis(work, space);
            known = space;
            knownBasis = basis;
        }
        return basis;
    }

    /**
     * Queues the test, then waits for it.
     *
     * @param survivors prefix and token, on the device
     * @param z their attention outputs, n × d
     * @param counted count on the device that limits n
     */
    Found check(Object survivors, DeviceMemory z, int n, Object counted, RowSpace space, double cut) {
        int rank = space.rank();
        DeviceMemory rest = rests.atLeast((long) n * d);
        DeviceMemory inSpace = coefficients.atLeast((long) residual.splits(n, rank, d) * n * rank);
        residual.remove(z, n, counted, basis(space), rank, d, inSpace, rest);
        DeviceMemory outside = distances.atLeast(n);
        residual.distances(z, rest, n, counted, d, outside);
        DeviceMemory which = indices.atLeast(n);
        DeviceMemory.View memberCount = counts(n).from(Integer.BYTES);
        work.launchBlocks(
                "prefix_extension",
                "prefix_members",
                1,
                256,
                survivors,
                outside,
                n,
                counted,
                cut,
                which,
                members(),
                memberCount);
        work.launch("prefix_extension", "gather_rows", n, 1, 256, z, which, n, memberCount, d, rest);
        int[] first = new int[MEMBERS + 2 * Math.min(n, FIRST_READ)];
        work.get(counts(n), 0, first);
        int kept = first[1];
        int[] pairs = new int[2 * kept];
        if (pairs.length <= first.length - MEMBERS) {
            System.arraycopy(first, MEMBERS, pairs, 0, pairs.length);
        } else {
            work.get(counts(n), (long) MEMBERS * Integer.BYTES, pairs);
        }
        double[] outputs = new double[kept * d];
        work.get(rest, 0, outputs);
        return new Found(first[0], pairs, outputs);
    }
}
