package leakmark.attacks.dager;

import java.util.Arrays;
import leakmark.attacks.model.Tensor;
import leakmark.kernels.FirstLayer;
import leakmark.kernels.Matrix;
import leakmark.kernels.dense.DenseAlgebra;

/**
 * How often each token occurs in a lone sequence, which sets of directions do not tell.
 *
 * <p>The last token asks most of the loss, so layer 1's value gradient is nearly {@code Σ_i a_i x_i} times one row a head, a its
 * attention: positive, near 1/n each. Its strongest left singular vector is a positive mixture of all inputs, and least squares
 * of that vector in the tokens' and positions' parts weighs a token by its number of places.
 */
final class TokenCounts {
    private TokenCounts() {}

    /**
     * Counts, one or more for each token.
     *
     * @param queryKeyValue gradient of layer 1's query, key and value side by side, d × 3d
     * @param bag tokens that occur
     * @param positions places looked at
     */
    static int[] of(FirstLayer layer, Tensor queryKeyValue, int[] bag, int positions) {
        int d = layer.hiddenSize();
        int[] counts = new int[bag.length];
        Arrays.fill(counts, 1);
        int unknowns = bag.length + positions + 1;
        // Fewer equations leave too much of each other's weight to the unknowns.
        if (2 * unknowns > d) {
            return counts;
        }
        double[] mixture = Arrays.copyOf(
                DenseAlgebra.leftSingular(values(queryKeyValue, d)).left(), d);
        double[] columns = new double[d * unknowns];
        fill(columns, 0, layer.tokenParts(bag));
        fill(columns, bag.length, layer.positionParts(0, positions));
        fill(columns, bag.length + positions, new Matrix(1, d, layer.shift()));
        double[] weights = DenseAlgebra.leastSquares(columns, d, unknowns, mixture, 1);
        double[] own = Arrays.copyOf(weights, bag.length);
        double sign = Math.signum(Arrays.stream(own).sum());
        double[] sorted = Arrays.stream(own).map(w -> sign * w).sorted().toArray();
        // Most tokens of a sentence occur once.
        double once = sorted[sorted.length / 2];
        for (int t = 0; once > 0 && t < counts.length; t++) {
            counts[t] = (int) Math.max(1, Math.min(positions, Math.rint(sign * own[t] / once)));
        }
        return counts;
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
