package leakmark.kernels.cuda;

/** The tokens a search accepted, on the device: keys, values, scores against all tokens, norms, sketches. */
final class CudaNodes {
    private static final String MODULE = "prefix_extension";

    private final Workspace work;
    private final CudaTables tables;
    private final GrowingMemory keys;
    private final GrowingMemory values;
    private final GrowingMemory tokenScores;
    private final GrowingMemory positionScores;
    private final GrowingMemory constantScores;
    private final GrowingMemory norms;
    private final GrowingMemory sketches;
    private int count;

    CudaNodes(Workspace work, CudaTables tables) {
        this.work = work;
        this.tables = tables;
        keys = new GrowingMemory(work, Double.BYTES, "keys");
        values = new GrowingMemory(work, Double.BYTES, "values");
        tokenScores = new GrowingMemory(work, Float.BYTES, "scores of tokens");
        positionScores = new GrowingMemory(work, Float.BYTES, "scores of a position");
        constantScores = new GrowingMemory(work, Float.BYTES, "scores of the constant");
        norms = new GrowingMemory(work, Float.BYTES, "norms of values");
        sketches = new GrowingMemory(work, Float.BYTES, "sketches of values");
    }

    /** How many there are. */
    int count() {
        return count;
    }

    /**
     * Adds one node for each member (prefix, token) at a position.
     *
     * @param members memory or a view
     * @return the first new node
     */
    int append(Object members, int added, int position) {
        int first = count;
        count += added;
        if (added == 0) {
            return first;
        }
        int d = tables.hiddenSize();
        int heads = tables.heads();
        DeviceMemory allKeys = keys.atLeast((long) count * d, (long) first * d);
        work.launch(
                MODULE,
                "append_nodes",
                added,
                1,
                256,
                members,
                added,
                first,
                position,
                tables.qkv(),
                tables.stride(),
                tables.tokens(),
                tables.positions(),
                tables.inverseSigma(),
                tables.sketches(),
                d,
                heads,
                tables.columns(),
                allKeys,
                values.atLeast((long) count * d, (long) first * d),
                constantScores.atLeast((long) count * heads, (long) first * heads),
                norms.atLeast((long) count * heads, (long) first * heads),
                sketches.atLeast((long) count * heads * tables.columns(), (long) first * heads * tables.columns()));
        long tiles = (tables.width() + 127) / 128 * (long) heads * ((added + 7) / 8);
        long row = (long) heads * tables.width();
        work.launch(
                MODULE,
                "token_scores",
                tiles,
                1,
                128,
                tables.queries(),
                tables.width(),
                allKeys,
                first,
                added,
                d,
                heads,
                tokenScores.atLeast(count * row, first * row));
        return first;
    }

    /** Scores a position's query against all nodes. */
    void scorePosition(int position) {
        if (count > 0) {
            work.launch(
                    MODULE,
                    "position_scores",
                    (long) count * tables.heads(),
                    8,
                    256,
                    keys(),
                    count,
                    tables.qkv().from(4L * (tables.tokens() + position) * tables.stride()),
                    tables.hiddenSize(),
                    tables.heads(),
                    positionScores());
        }
    }

    /** n × d, float64. */
    DeviceMemory keys() {
        return keys.atLeast((long) count * tables.hiddenSize(), (long) count * tables.hiddenSize());
    }

    /** n × d, float64. */
    DeviceMemory values() {
        return values.atLeast((long) count * tables.hiddenSize(), (long) count * tables.hiddenSize());
    }

    /** n × H × width. */
    DeviceMemory tokenScores() {
        return tokenScores.atLeast((long) count * tables.heads() * tables.width());
    }

    /** n × H, of the position last scored. */
    DeviceMemory positionScores() {
        return positionScores.atLeast((long) count * tables.heads());
    }

    /** n × H. */
    DeviceMemory constantScores() {
        return constantScores.atLeast((long) count * tables.heads());
    }

    /** n × H. */
    DeviceMemory norms() {
        return norms.atLeast((long) count * tables.heads());
    }

    /** n × H × columns. */
    DeviceMemory sketches() {
        return sketches.atLeast((long) count * tables.heads() * tables.columns());
    }
}
