package leakmark.attacks.encoder;

import leakmark.attacks.dager.Membership;
import leakmark.attacks.dager.Separation;
import leakmark.attacks.encoder.PairFilter.Pairs;
import leakmark.kernels.RowSpace;
import leakmark.kernels.SpanProjection;
import org.jspecify.annotations.Nullable;

/** What the gradient of layer 2's attention shows: the span of its inputs, if that has a gap. */
final class SecondLayer implements AutoCloseable {
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
        boolean[] members =
                Membership.test(layer.outputs(ids), space, Separation.ofWrongTokensAtLayer2(space), projection);
        if (sure) {
            return members[0];
        }
        for (boolean member : members) {
            if (!member) {
                return false;
            }
        }
        return true;
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
