package leakmark.attacks.encoder;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import leakmark.kernels.RowSpace;
import leakmark.kernels.SpanProjection;

/**
 * Which tokens stand at which positions. Layer 1's span cannot tell (any token at any position passes), but behind layer 1's
 * MLP it can: each pair goes through layer 1 with the mean attention output of all pairs in place of its own, and true pairs
 * come nearest to layer 2's span.
 */
final class PairFilter {
    /** A step this wide between true and false pairs needs no margin. */
    private static final double CLEAR = 1.25;

    /** Where there is none, so many times the pairs there can be are kept. */
    private static final int GENEROUS = 3;

    private static final int CHUNK = 256;

    private PairFilter() {}

    /**
     * Pairs that may be true.
     *
     * @param rows token of each pair, as rows of the candidates
     * @param positions position of each pair
     * @param apart whether a step separates true from false ones
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Pairs(int[] rows, int[] positions, boolean apart) {
        int count() {
            return rows.length;
        }
    }

    /**
     * @param rows tokens to try, as rows of the candidates
     * @param ids id of each
     * @param positions P: each token is tried at all of them
     */
    static Pairs near(
            BertFirstLayer layer,
            int[] rows,
            int[] ids,
            int positions,
            RowSpace secondLayer,
            SpanProjection projection) {
        int d = secondLayer.dimension();
        int all = rows.length * positions;
        double[] inputs = new double[all * d];
        IntStream.range(0, rows.length).parallel().forEach(t -> {
            int[] repeated = new int[positions];
            Arrays.fill(repeated, ids[t]);
            System.arraycopy(layer.embedded(repeated), 0, inputs, t * positions * d, positions * d);
        });
        double[] mean = new double[d];
        for (int i = 0; i < inputs.length; i++) {
            mean[i % d] += inputs[i] / all;
        }
        double[] context = layer.value(mean);
        double[] distances = new double[all];
        int chunks = (all + CHUNK - 1) / CHUNK;
        for (int chunk = 0; chunk < chunks; chunk++) {
            int from = chunk * CHUNK;
            int n = Math.min(CHUNK, all - from);
            double[] outputs = layer.afterContext(Arrays.copyOfRange(inputs, from * d, (from + n) * d), context, n);
            System.arraycopy(projection.distances(secondLayer, outputs), 0, distances, from, n);
        }
        int[] order = IntStream.range(0, all)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> distances[i]))
                .mapToInt(i -> i)
                .toArray();
        int step = step(order, distances, positions, secondLayer.rank());
        boolean apart = step > 0;
        int[] kept = Arrays.copyOf(order, apart ? step : Math.min(all, GENEROUS * secondLayer.rank()));
        Arrays.sort(kept);
        return new Pairs(
                Arrays.stream(kept).map(i -> rows[i / positions]).toArray(),
                Arrays.stream(kept).map(i -> i % positions).toArray(),
                apart);
    }

    /** Pairs before the widest step, 0 if there is none: at most as many as layer 2's rank, and at least one a position. */
    private static int step(int[] order, double[] distances, int fewest, int most) {
        double widest = CLEAR;
        int count = 0;
        for (int i = fewest; i <= Math.min(most, order.length - 1); i++) {
            double ratio = distances[order[i]] / distances[order[i - 1]];
            if (ratio > widest) {
                widest = ratio;
                count = i;
            }
        }
        return count;
    }
}
