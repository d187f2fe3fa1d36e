package leakmark.attacks.dager;

import java.util.Arrays;
import java.util.stream.IntStream;
import leakmark.attacks.model.Tensor;
import leakmark.kernels.FirstLayer;
import leakmark.kernels.Matrix;
import leakmark.kernels.dense.DenseAlgebra;
import org.jspecify.annotations.Nullable;

/**
 * How much of each token and each position the strongest direction of layer 1's value gradient holds.
 *
 * <p>That gradient is {@code Σ_i a_i x_i} times one row a head, as far as the last token's loss goes, with its attention a: all
 * positive, near 1/n each. So its strongest left singular vector is a positive mixture of all inputs, and as an input is a
 * token's part plus a position's, least squares gives {@code c_t = Σ_{i at t} w_i} and {@code b_i = Σ_{s} w_{s,i}}. Hence the
 * number of places (b_i above nothing), of sequences (b_i over c_t of the common token) and of a token's repeats.
 *
 * @param tokens c_t in the order of the bag
 * @param places b_i
 * @param errors standard errors of b_i
 */
@SuppressWarnings("ArrayRecordComponent")
record InputMixture(double[] tokens, double[] places, double[] errors) {
    /** A place that weighs less, of what the common token weighs, is none. */
    private static final double PLACE = 0.1;
    /** Nor is one within so many standard errors of nothing. */
    private static final double ERRORS = 4;

    /**
     * Decomposes a gradient.
     *
     * @param queryKeyValue whitened gradient of layer 1's query, key and value side by side, d × 3d
     * @param bag tokens that occur
     * @param positions places looked at
     * @return null if there are fewer than two equations an unknown
     */
    static @Nullable InputMixture of(FirstLayer layer, Whitened queryKeyValue, int[] bag, int positions) {
        int d = layer.hiddenSize();
        int unknowns = bag.length + positions + 1;
        if (2 * unknowns > d) {
            return null;
        }
        double[] mixture = Arrays.copyOf(
                DenseAlgebra.leftSingular(values(queryKeyValue.gradient(), d)).left(), d);
        double[] columns = new double[d * unknowns];
        fill(columns, 0, queryKeyValue.seen(layer.tokenParts(bag)));
        fill(columns, bag.length, queryKeyValue.seen(layer.positionParts(0, positions)));
        fill(columns, bag.length + positions, new Matrix(1, d, queryKeyValue.seen(layer.shift())));
        double[] weights = DenseAlgebra.leastSquares(columns.clone(), d, unknowns, mixture, 1);
        double sign = Math.signum(Arrays.stream(weights, 0, bag.length).sum());
        double[] signed = Arrays.stream(weights).map(w -> sign * w).toArray();
        return new InputMixture(
                Arrays.copyOf(signed, bag.length),
                Arrays.copyOfRange(signed, bag.length, bag.length + positions),
                Arrays.copyOfRange(errors(columns, weights, mixture), bag.length, bag.length + positions));
    }

    /** Standard errors of nearly orthogonal columns: the rest's root mean square over a column's length. */
    private static double[] errors(double[] columns, double[] weights, double[] mixture) {
        int d = mixture.length;
        double[] rest = mixture.clone();
        double[] squares = new double[weights.length];
        for (int c = 0; c < weights.length; c++) {
            for (int e = 0; e < d; e++) {
                rest[e] -= weights[c] * columns[c * d + e];
                squares[c] += columns[c * d + e] * columns[c * d + e];
            }
        }
        double variance = Arrays.stream(rest).map(x -> x * x).sum() / (d - weights.length);
        return Arrays.stream(squares)
                .map(square -> Math.sqrt(variance / square))
                .toArray();
    }

    /** Places that are used: up to the last one before two that weigh next to nothing. */
    int length() {
        double common = median(Arrays.copyOf(tokens, tokens.length));
        int length = 0;
        for (int i = 0; i < places.length && i < length + 2; i++) {
            if (places[i] > Math.max(PLACE * common, ERRORS * errors[i])) {
                length = i + 1;
            }
        }
        return length;
    }

    /** True if every place has one token: its weight is that of a token, not of several. */
    boolean isOneSequence() {
        int length = length();
        return length > 0
                && length >= tokens.length
                && median(Arrays.copyOf(places, length)) < 1.5 * median(Arrays.copyOf(tokens, tokens.length));
    }

    /**
     * How often each token of a lone sequence occurs: places that are left are given out, heaviest first, each to the token with
     * the most weight left.
     *
     * @param first a place of each token
     * @return one or more for each token
     */
    int[] counts(int[] first) {
        int[] counts = new int[tokens.length];
        Arrays.fill(counts, 1);
        double[] left = tokens.clone();
        boolean[] taken = new boolean[places.length];
        for (int t = 0; t < first.length; t++) {
            if (first[t] >= 0 && first[t] < places.length) {
                taken[first[t]] = true;
                left[t] -= places[first[t]];
            }
        }
        int[] heaviest = IntStream.range(0, length())
                .filter(i -> !taken[i])
                .boxed()
                .sorted((i, j) -> Double.compare(places[j], places[i]))
                .mapToInt(i -> i)
                .toArray();
        for (int place : heaviest) {
            int most = 0;
            for (int t = 1; t < left.length; t++) {
                most = left[t] > left[most] ? t : most;
            }
            counts[most]++;
            left[most] -= places[place];
        }
        return counts;
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }

    private static Matrix values(Tensor queryKeyValue, int d) {
        Matrix values = Matrix.zeros(d, d);
        for (int e = 0; e < d; e++) {
            System.arraycopy(queryKeyValue.data(), e * 3 * d + 2 * d, values.data(), e * d, d);
        }
        return values;
    }

    private static void fill(double[] columns, int from, Matrix rows) {
        for (int i = 0; i < rows.data().length; i++) {
            columns[from * rows.columns() + i] = rows.data()[i];
        }
    }
}
