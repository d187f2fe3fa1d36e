package leakmark.attacks.encoder;

import java.util.Arrays;
import leakmark.attacks.dager.Separation;
import leakmark.attacks.encoder.PairFilter.Pairs;
import leakmark.kernels.RowSpace;
import leakmark.kernels.SpanProjection;
import org.jspecify.annotations.Nullable;

/** What the gradient of layer 2's attention shows: the span of its inputs, if that has a gap. */
final class SecondLayer implements AutoCloseable {
    /** Members of the span are nearer than tokens in another context, so many times: measured, 100 and more. */
    private static final double NEARER = 4;

    private final @Nullable BertFirstLayer layer;
    private final @Nullable RowSpace space;
    private final SpanProjection projection;

    private SecondLayer(@Nullable BertFirstLayer layer, @Nullable RowSpace space, SpanProjection projection) {
        this.layer = layer;
        this.space = space;
        this.projection = projection;
    }

    /** An encoder's; takes over the space, which has a gap. */
    static SecondLayer of(BertFirstLayer layer, RowSpace space, SpanProjection projection) {
        return new SecondLayer(layer, space, projection);
    }

    /** One that shows nothing: the batch has more tokens than dimensions. */
    static SecondLayer without(SpanProjection projection) {
        return new SecondLayer(null, null, projection);
    }

    /** Number of different inputs; -1 if the span has no gap. */
    int rank() {
        return space == null ? -1 : space.rank();
    }

    /**
     * Whether a proposal's layer-2 inputs lie in the span: all of them, or the first token's, which the loss always reaches,
     * where the order is sure by itself. In a model of two layers the span misses most others. True where there is no span.
     */
    boolean holds(int[] ids, boolean sure) {
        if (layer == null || space == null) {
            return true;
        }
        double[] distances = distances(layer, space, ids);
        double cut = Separation.cut(space, Separation.ofWrongTokensAtLayer2(space));
        return sure
                ? distances[0] <= cut
                : Arrays.stream(distances).max().orElseThrow()
                        <= Math.min(cut, ofAnotherContext(layer, space, ids) / NEARER);
    }

    /**
     * How far from the span the tokens of a sequence come to lie when one of them is another: the median over those that stay. A
     * sequence in a wrong order, of tokens that stand in others where it has them, is no farther out than that.
     */
    private double ofAnotherContext(BertFirstLayer layer, RowSpace space, int[] ids) {
        int middle = ids.length / 2;
        int[] changed = ids.clone();
        changed[middle] = ids[middle - 1] == ids[middle] ? ids[0] : ids[middle - 1];
        double[] distances = distances(layer, space, changed);
        distances[middle] = 0;
        Arrays.sort(distances);
        return distances[distances.length / 2];
    }

    private double[] distances(BertFirstLayer layer, RowSpace space, int[] ids) {
        return projection.distances(space, layer.outputs(ids));
    }

    /** Pairs of token and position that may be true; none where there is no span. */
    Pairs pairs(int[] rows, int[] ids, int positions) {
        return layer == null || space == null
                ? new Pairs(new int[0], new int[0], true)
                : PairFilter.near(layer, rows, ids, positions, space, projection);
    }

    @Override
    public void close() {
        if (space != null) {
            space.close();
        }
    }
}
