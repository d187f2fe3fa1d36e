package leakmark.kernels;

import java.util.Arrays;
import leakmark.kernels.dense.DenseAlgebra;
import leakmark.kernels.dense.DenseAlgebra.Singular;

/**
 * The last look for a rank: all singular values of the unfolded gradient, in float64. Rounding noise is flat there, its edge
 * at {@code σ(√d + √m)}, so that a step is seen which pivots of a fold blur: seen at 32 × 20 tokens and weights of std 0.1,
 * where the weakest of 455 directions is 5 times the noise. A second for d=768, m=2304; only where nothing else found a gap.
 *
 * @param decision with noise as it turns the weakest direction: {@code ‖noise‖_F/√m}, four times as much to be safe
 * @param basis kept left singular vectors, rank rows of length d
 */
public record WholeLook(RankDecision decision, double[] basis) {
    /** Values behind a step that together fall less than the step does, or it is one of many. */
    private static final int BEHIND = 8;

    private static final double NARROWEST = 3;
    private static final double SAFETY = 4;

    /** Decomposes a gradient (d × m). */
    public static WholeLook of(Matrix g) {
        int d = g.rows();
        int m = g.columns();
        double[] columns = new double[d * m];
        double square = 0;
        for (int i = 0; i < d; i++) {
            for (int j = 0; j < m; j++) {
                double value = g.at(i, j);
                columns[j * d + i] = value;
                square += value * value;
            }
        }
        if (square == 0) {
            return new WholeLook(RankGap.decide(new double[0]), new double[0]);
        }
        Singular singular = DenseAlgebra.singular(columns, d, m);
        double frobenius = Math.sqrt(square);
        double[] values =
                Arrays.stream(singular.values()).map(v -> v / frobenius).toArray();
        int rank = step(values);
        if (rank < 0) {
            return new WholeLook(RankGap.decide(new double[0]), new double[0]);
        }
        double noise = Math.sqrt(
                Arrays.stream(values, rank, values.length).map(v -> v * v).sum() / m);
        return new WholeLook(
                new RankDecision(rank, values[rank - 1], SAFETY * noise, RankGap.FLOAT32_NOISE),
                Arrays.copyOf(singular.left(), rank * d));
    }

    /** How many values stand before the widest step that ends in rounding noise; −1 if there is none. */
    private static int step(double[] values) {
        int rank = -1;
        double widest = NARROWEST;
        for (int i = 1; i < values.length - BEHIND; i++) {
            double ratio = values[i - 1] / values[i];
            if (values[i] <= RankGap.FLOAT32_NOISE && ratio > widest && ratio > values[i] / values[i + BEHIND]) {
                widest = ratio;
                rank = i;
            }
        }
        return rank;
    }
}
