package leakmark.kernels.cuda;

import java.util.Arrays;
import leakmark.kernels.PrefixExtension.Members;
import leakmark.kernels.PrefixExtension.Search;
import leakmark.kernels.PrefixExtension.Survivors;
import leakmark.kernels.RowSpace;
import leakmark.kernels.SpanProjection;

/**
 * A search on the device. {@link #advance} queues a whole position at once, from the candidates' own terms to the members'
 * list; the host waits once, at its end.
 */
final class CudaSearch implements Search {
    private static final String MODULE = "prefix_extension";
    /** Survivors whose attention outputs are on the device at a time: at d = 1024 with their rests 16 MiB. */
    private static final int CHUNK = 1024;
    /** Most warps of a block of the test: the shared memory of its sums. */
    private static final int MOST_WARPS = 16;

    private final Workspace work;
    private final CudaTables tables;
    private final CudaNodes nodes;
    private final SpanResidual residual;
    private final int version;
    private final DeviceMemory unlimited;
    private final DeviceMemory survivorCount;
    private final DeviceMemory memberCount;
    private final GrowingMemory input;
    private final GrowingMemory ownInverse;
    private final GrowingMemory ownScores;
    private final GrowingMemory ownNorms;
    private final GrowingMemory ownSketches;
    private final GrowingMemory x;
    private final GrowingMemory chosen;
    private final GrowingMemory rowCounts;
    private final GrowingMemory survivorList;
    private final GrowingMemory memberList;
    private final GrowingMemory indices;
    private final GrowingMemory weights;
    private final GrowingMemory outputs;
    private final GrowingMemory rests;
    private final GrowingMemory coefficients;
    private final GrowingMemory distances;
    private int[][] live = new int[0][];
    private int longest = 1;

    /** Takes over the workspace. */
    CudaSearch(Workspace work, CudaTables tables, int version) {
        this.work = work;
        this.tables = tables;
        this.version = version;
        this.nodes = new CudaNodes(work, tables);
        this.residual = new SpanResidual(work);
        this.unlimited = work.of(new int[] {Integer.MAX_VALUE}, "a count");
        this.survivorCount = work.room(1, Integer.BYTES, "a count");
        this.memberCount = work.room(1, Integer.BYTES, "a count");
        this.input = new GrowingMemory(work, Integer.BYTES, "candidates and paths");
        this.ownInverse = new GrowingMemory(work, Float.BYTES, "candidates' 1/σ");
        this.ownScores = new GrowingMemory(work, Float.BYTES, "candidates' scores");
        this.ownNorms = new GrowingMemory(work, Float.BYTES, "candidates' norms");
        this.ownSketches = new GrowingMemory(work, Float.BYTES, "candidates' sketches");
        this.x = new GrowingMemory(work, Float.BYTES, "test values");
        this.chosen = new GrowingMemory(work, Integer.BYTES, "survivors of each prefix");
        this.rowCounts = new GrowingMemory(work, Integer.BYTES, "survivors of each prefix");
        this.survivorList = new GrowingMemory(work, 2 * Integer.BYTES, "survivors");
        this.memberList = new GrowingMemory(work, 2 * Integer.BYTES, "members");
        this.indices = new GrowingMemory(work, Integer.BYTES, "members");
        this.weights = new GrowingMemory(work, Double.BYTES, "attention weights");
        this.outputs = new GrowingMemory(work, Double.BYTES, "attention outputs");
        this.rests = new GrowingMemory(work, Double.BYTES, "rests of attention outputs");
        this.coefficients = new GrowingMemory(work, Double.BYTES, "coefficients of attention outputs");
        this.distances = new GrowingMemory(work, Double.BYTES, "distances of attention outputs");
    }

    @Override
    public Survivors extend(int position, int[] candidates, double tolerance) {
        int pairs = Math.multiplyExact(live.length + 1, candidates.length);
        if (pairs == 0) {
            return new Survivors(position, new int[0], new int[0], 0);
        }
        DeviceMemory list = queueTest(position, candidates, tolerance);
        int[] found = new int[2 * read(survivorCount)];
        work.get(list, 0, found);
        return survivors(position, found, pairs);
    }

    private int read(DeviceMemory count) {
        int[] value = new int[1];
        work.get(count, 0, value);
        return value[0];
    }

    private static Survivors survivors(int position, int[] pairs, long tested) {
        int[] prefixes = new int[pairs.length / 2];
        int[] tokens = new int[pairs.length / 2];
        for (int s = 0; s < prefixes.length; s++) {
            prefixes[s] = pairs[2 * s];
            tokens[s] = pairs[2 * s + 1];
        }
        return new Survivors(position, prefixes, tokens, tested);
    }

    /** Queues the test of all pairs; the survivors' list and their count are on the device when the queue has run. */
    private DeviceMemory queueTest(int position, int[] candidates, double tolerance) {
        int count = candidates.length;
        int rows = live.length + 1;
        int heads = tables.heads();
        int columns = tables.columns();
        DeviceMemory inputs = putInputs(candidates);
        DeviceMemory inverse = ownInverse.atLeast(count);
        DeviceMemory scores = ownScores.atLeast((long) heads * count);
        DeviceMemory norms = ownNorms.atLeast((long) heads * count);
        DeviceMemory sketches = ownSketches.atLeast((long) heads * columns * count);
        work.launch(
                MODULE,
                "own_terms",
                (long) count * heads,
                8,
                256,
                inputs,
                count,
                position,
                tables.qkv(),
                tables.stride(),
                tables.tokens(),
                tables.positions(),
                tables.inverseSigma(),
                tables.sketches(),
                tables.hiddenSize(),
                heads,
                columns,
                inverse,
                scores,
                norms,
                sketches);
        nodes.scorePosition(position);
        DeviceMemory values = x.atLeast((long) rows * count);
        int warps = Math.min(heads, MOST_WARPS);
        boolean naive = version == 0;
        work.launch(
                MODULE,
                "prefix_test_" + version,
                naive ? (long) rows * count : (long) rows * ((count + 31) / 32),
                naive ? 256 : 1,
                naive ? 256 : 32 * warps,
                pathsOf(inputs, count),
                lengthsOf(inputs, count),
                longest,
                live.length,
                inputs,
                count,
                nodes.tokenScores(),
                tables.width(),
                nodes.positionScores(),
                nodes.constantScores(),
                nodes.norms(),
                nodes.sketches(),
                inverse,
                scores,
                norms,
                sketches,
                heads,
                columns,
                values);
        DeviceMemory which = chosen.atLeast((long) rows * count);
        DeviceMemory counts = rowCounts.atLeast(rows);
        work.launch(MODULE, "prefix_select", rows, 1, 256, values, rows, count, tolerance, which, counts);
        DeviceMemory list = survivorList.atLeast((long) rows * count);
        work.launchBlocks(MODULE, "prefix_gather", 1, 256, which, counts, rows, count, inputs, list, survivorCount);
        return list;
    }

    /** Candidates, lengths of the live paths, and the paths, in one copy. */
    private DeviceMemory putInputs(int[] candidates) {
        int[] all = new int[candidates.length + live.length * (1 + longest) + 1];
        System.arraycopy(candidates, 0, all, 0, candidates.length);
        for (int p = 0; p < live.length; p++) {
            all[candidates.length + p] = live[p].length;
            int at = candidates.length + live.length + p * longest;
            System.arraycopy(live[p], 0, all, at, live[p].length);
        }
        DeviceMemory inputs = input.atLeast(all.length);
        work.put(all, inputs, 0);
        return inputs;
    }

    private DeviceMemory.View lengthsOf(DeviceMemory inputs, int candidates) {
        return inputs.from(4L * candidates);
    }

    private DeviceMemory.View pathsOf(DeviceMemory inputs, int candidates) {
        return inputs.from(4L * (candidates + live.length));
    }

    /** Queues the attention outputs of pairs on the device. */
    private void queueOutputs(
            Object pairs,
            int n,
            DeviceMemory counted,
            DeviceMemory inputs,
            int candidates,
            int position,
            DeviceMemory z) {
        int blocks = Math.min(n, work.blocks(4));
        work.launchBlocks(
                MODULE,
                "attention_outputs",
                blocks,
                256,
                pairs,
                n,
                counted,
                pathsOf(inputs, candidates),
                lengthsOf(inputs, candidates),
                longest,
                position,
                tables.qkv(),
                tables.stride(),
                tables.tokens(),
                tables.positions(),
                tables.inverseSigma(),
                nodes.keys(),
                nodes.values(),
                tables.hiddenSize(),
                tables.heads(),
                weights.atLeast((long) blocks * tables.heads() * (longest + 1)),
                z);
    }

    @Override
    public double[] attentionOutputs(Survivors survivors) {
        int d = tables.hiddenSize();
        double[] result = new double[survivors.count() * d];
        DeviceMemory inputs = putInputs(new int[0]);
        for (int from = 0; from < survivors.count(); from += CHUNK) {
            int n = Math.min(CHUNK, survivors.count() - from);
            DeviceMemory z = outputs.atLeast((long) n * d);
            queueOutputs(putPairs(survivors, from, n), n, unlimited, inputs, 0, survivors.position(), z);
            double[] part = new double[n * d];
            work.get(z, 0, part);
            System.arraycopy(part, 0, result, from * d, part.length);
        }
        return result;
    }

    private DeviceMemory putPairs(Survivors survivors, int from, int n) {
        int[] pairs = new int[2 * n];
        for (int s = 0; s < n; s++) {
            pairs[2 * s] = survivors.prefixes()[from + s];
            pairs[2 * s + 1] = survivors.tokens()[from + s];
        }
        DeviceMemory list = memberList.atLeast(n);
        work.put(pairs, list, 0);
        return list;
    }

    @Override
    public void accept(Survivors survivors) {
        int first = nodes.append(putPairs(survivors, 0, survivors.count()), survivors.count(), survivors.position());
        follow(survivors, first);
    }

    /** The survivors' paths become the live ones. */
    private void follow(Survivors survivors, int first) {
        int[][] next = new int[survivors.count()][];
        longest = 1;
        for (int s = 0; s < next.length; s++) {
            int prefix = survivors.prefixes()[s];
            int[] path = prefix < 0 ? new int[0] : live[prefix];
            next[s] = Arrays.copyOf(path, path.length + 1);
            next[s][path.length] = first + s;
            longest = Math.max(longest, next[s].length);
        }
        live = next;
    }

    @Override
    public Members advance(
            int position, int[] candidates, double tolerance, RowSpace space, double cut, SpanProjection projection) {
        int pairs = Math.multiplyExact(live.length + 1, candidates.length);
        if (pairs == 0) {
            follow(new Survivors(position, new int[0], new int[0], 0), nodes.count());
            return new Members(new Survivors(position, new int[0], new int[0], 0), new double[0]);
        }
        int d = tables.hiddenSize();
        DeviceMemory basis = SpanResidual.basis(work, space);
        DeviceMemory list = queueTest(position, candidates, tolerance);
        DeviceMemory inputs = input.atLeast(0);
        int[] found = new int[0];
        double[] foundOutputs = new double[0];
        int first = nodes.count();
        int survivors = -1;
        for (int from = 0; survivors < 0 || from < survivors; from += CHUNK) {
            // The first part is queued before anybody knows how many survivors there are.
            int n = Math.min((survivors < 0 ? pairs : survivors) - from, CHUNK);
            DeviceMemory counted = survivors < 0 ? survivorCount : unlimited;
            DeviceMemory.View part = list.from(8L * from);
            DeviceMemory z = outputs.atLeast((long) n * d);
            queueOutputs(part, n, counted, inputs, candidates.length, position, z);
            DeviceMemory rest = rests.atLeast((long) n * d);
            DeviceMemory inSpace = coefficients.atLeast((long) residual.splits(n, space.rank(), d) * n * space.rank());
            residual.remove(z, n, counted, basis, space.rank(), d, inSpace, rest);
            DeviceMemory outside = distances.atLeast(n);
            residual.distances(z, rest, n, counted, d, outside);
            DeviceMemory which = indices.atLeast(n);
            DeviceMemory members = memberList.atLeast(n);
            work.launchBlocks(
                    MODULE, "prefix_members", 1, 256, part, outside, n, counted, cut, which, members, memberCount);
            work.launch(MODULE, "gather_rows", n, 1, 256, z, which, n, memberCount, d, rest);
            int kept = read(memberCount);
            survivors = survivors < 0 ? read(survivorCount) : survivors;
            nodes.append(members, kept, position);
            found = joined(found, members, kept);
            foundOutputs = joined(foundOutputs, rest, kept * d);
        }
        Survivors kept = survivors(position, found, pairs);
        follow(kept, first);
        return new Members(kept, foundOutputs);
    }

    private int[] joined(int[] before, DeviceMemory pairs, int more) {
        int[] part = new int[2 * more];
        work.get(pairs, 0, part);
        int[] all = Arrays.copyOf(before, before.length + part.length);
        System.arraycopy(part, 0, all, before.length, part.length);
        return all;
    }

    private double[] joined(double[] before, DeviceMemory values, int more) {
        double[] part = new double[more];
        work.get(values, 0, part);
        double[] all = Arrays.copyOf(before, before.length + part.length);
        System.arraycopy(part, 0, all, before.length, part.length);
        return all;
    }

    @Override
    public void close() {
        work.close();
    }
}
