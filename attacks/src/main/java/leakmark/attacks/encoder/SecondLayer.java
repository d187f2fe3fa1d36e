package leakmark.attacks.encoder;

import leakmark.attacks.dager.Membership;
import leakmark.attacks.dager.Separation;
import leakmark.attacks.encoder.PairFilter.Pairs;
import leakmark.kernels.RowSpace;
import leakmark.kernels.SpanProjection;
import org.jspecify.annotations.Nullable;

/** What the gradient of layer 2's attention shows: the span of its inputs, if that has a gap. */
final class SecondLayer {
    private final @Nullable FirstLayer layer;
    private final @Nullable RowSpace space;
    private final SpanProjection projection;

    private SecondLayer(@Nullable FirstLayer layer, @Nullable RowSpace space, SpanProjection projection) {
        this.layer = layer;
        this.space = space;
        this.projection = projection;
    }

    /** An encoder's. */
    static SecondLayer of(FirstLayer layer, RowSpace space, SpanProjection projection) {
        return new SecondLayer(layer, space.decision().hasGap() ? space : null, projection);
    }

    /** One that shows nothing: the batch has more tokens than dimensions. */
    static SecondLayer without(SpanProjection projection) {
        return new SecondLayer(null, null, projection);
    }

    /** Number of different inputs; -1 if the span has no gap. */
    int rank() {
        return space == null ? -1 : space.rank();
    }

    /** Whether every token's layer-2 input lies in the span; true where there is none. */
    boolean holds(int[] ids) {
        if (layer == null || space == null) {
            return true;
        }
        for (boolean member :
                Membership.test(layer.outputs(ids), space, Separation.ofWrongTokensAtLayer2(space), projection)) {
            if (!member) {
                return false;
            }
        }
        return true;
    }

    /** Pairs of token and position that may be true; none where there is no span. */
    Pairs pairs(int[] rows, int[] ids, int positions) {
        return layer == null || space == null
                ? new Pairs(new int[0], new int[0])
                : PairFilter.near(layer, rows, ids, positions, space, projection);
    }
}
