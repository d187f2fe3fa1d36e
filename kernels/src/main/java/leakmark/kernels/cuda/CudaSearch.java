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
    private static final int MOST_WARPS = 8;

    private final Workspace work;
    private final CudaTables tables;
    private final CudaNodes nodes;
    private final MemberCheck check;
    private final int version;
    private final DeviceMemory unlimited;
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
    private final GrowingMemory weights;
    private final GrowingMemory outputs;
    private int[][] live = new int[0][];
    private int longest = 1;

    /** Takes over the workspace. */
    CudaSearch(Workspace work, CudaTables tables, int version) {
        this.work = work;
        this.tables = tables;
        this.version = version;
        this.nodes = new CudaNodes(work, tables);
        this.check = new MemberCheck(work, tables.hiddenSize());
        this.unlimited = work.of(new int[] {Integer.MAX_VALUE}, "a count");
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
        this.weights = new GrowingMemory(work, Double.BYTES, "attention weights");
        this.outputs = new GrowingMemory(work, Double.BYTES, "attention outputs");
    }

    @Override
    public Survivors extend(int position, int[] candidates, double tolerance) {
        int pairs = Math.multiplyExact(live.length + 1, candidates.length);
        if (pairs == 0) {
            return new Survivors(position, new int[0], new int[0], 0);
        }
        DeviceMemory counts = check.counts(1);
        DeviceMemory list = queueTest(position, candidates, tolerance, counts);
        int[] count = new int[1];
        work.get(counts, 0, count);
        int[] found = new int[2 * count[0]];
        work.get(list, 0, found);
        return survivors(position, found, pairs);
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
    private DeviceMemory queueTest(int position, int[] candidates, double tolerance, DeviceMemory counted) {
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
        // As many heads for each warp: 12 heads take 6 warps.
        int headsOfWarp = (heads + MOST_WARPS - 1) / MOST_WARPS;
        int warps = (heads + headsOfWarp - 1) / headsOfWarp;
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
        work.launchBlocks(MODULE, "prefix_gather", 1, 256, which, counts, rows, count, inputs, list, counted);
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
        DeviceMemory counts = check.counts(Math.min(pairs, CHUNK));
        DeviceMemory list = queueTest(position, candidates, tolerance, counts);
        DeviceMemory inputs = input.atLeast(0);
        int[] members = new int[0];
        double[] memberOutputs = new double[0];
        int first = nodes.count();
        int survivors = -1;
        for (int from = 0; survivors < 0 || from < survivors; from += CHUNK) {
            // The first part is queued before anybody knows how many survivors there are.
            int n = Math.min((survivors < 0 ? pairs : survivors) - from, CHUNK);
            DeviceMemory counted = survivors < 0 ? counts : unlimited;
            DeviceMemory.View part = list.from(2L * Integer.BYTES * from);
            DeviceMemory z = outputs.atLeast((long) n * d);
            queueOutputs(part, n, counted, inputs, candidates.length, position, z);
            MemberCheck.Found found = check.check(part, z, n, counted, space, cut);
            nodes.append(check.members(), found.pairs().length / 2, position);
            survivors = survivors < 0 ? found.survivors() : survivors;
            members = joined(members, found.pairs());
            memberOutputs = joined(memberOutputs, found.outputs());
        }
        Survivors kept = survivors(position, members, pairs);
        follow(kept, first);
        return new Members(kept, memberOutputs);
    }

    private static int[] joined(int[] before, int[] more) {
        int[] all = Arrays.copyOf(before, before.length + more.length);
        System.arraycopy(more, 0, all, before.length, more.length);
        return all;
    }

    private static double[] joined(double[] before, double[] more) {
        double[] all = Arrays.copyOf(before, before.length + more.length);
        System.arraycopy(more, 0, all, before.length, more.length);
        return all;
    }

    @Override
    public void close() {
        work.close();
    }
}
