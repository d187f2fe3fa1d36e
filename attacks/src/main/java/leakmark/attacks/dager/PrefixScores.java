package leakmark.attacks.dager;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import leakmark.kernels.FirstLayer;
import leakmark.kernels.Matrix;
import leakmark.kernels.PrefixExtension.Survivors;
import leakmark.kernels.dense.DenseAlgebra;

/**
 * What an extension of a prefix explains of two signals R: {@code ‖R x⊥‖²/‖x⊥‖²} of its input and of its attention output, x⊥
 * being what the prefix's own directions leave of x.
 *
 * <p>Inputs are sums of a token's and a position's part, so {@code R x} and {@code q·x} are sums as well: T + P products serve
 * all pairs, and a pair costs r multiply-adds a direction in place of d·(r + directions).
 */
final class PrefixScores {
    /** What rounding may leave of a vector, squared and relative. */
    private static final double EXPLAINED = 1e-6;

    private final Matrix tokens;
    private final Matrix positions;
    private final Whitened attention;
    private final Matrix inputSignal;
    private final Matrix attentionSignal;
    private final Matrix tokenImages;
    private final Matrix positionImages;
    private final Matrix products;
    private final double[] tokenSquares;
    private final double[] positionSquares;

    /**
     * Products of all parts.
     *
     * @param inputs how inputs are seen
     * @param attention how attention outputs are seen
     * @param inputSignal r × d
     * @param attentionSignal r' × d
     * @param bag candidate tokens, T
     * @param most P
     */
    PrefixScores(
            FirstLayer layer,
            Whitened inputs,
            Whitened attention,
            Matrix inputSignal,
            Matrix attentionSignal,
            int[] bag,
            int most) {
        this.tokens = inputs.seen(layer.tokenParts(bag));
        this.positions = inputs.seen(layer.positionParts(0, most));
        this.attention = attention;
        this.inputSignal = inputSignal;
        this.attentionSignal = attentionSignal;
        this.tokenImages = DenseAlgebra.multiplyTransposed(tokens, inputSignal);
        this.positionImages = DenseAlgebra.multiplyTransposed(positions, inputSignal);
        this.products = DenseAlgebra.multiplyTransposed(tokens, positions);
        this.tokenSquares = squares(tokens);
        this.positionSquares = squares(positions);
    }

    /**
     * A unit vector q that is explained.
     *
     * @param unit q
     * @param image R q
     * @param byToken products with the tokens' parts; empty for attention outputs
     * @param byPosition products with the positions' parts; empty for attention outputs
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Direction(float[] unit, float[] image, float[] byToken, float[] byPosition) {}

    /** What the input of a pair adds to some directions. */
    Direction input(int token, int position, List<Direction> basis) {
        float[] x = Arrays.copyOfRange(tokens.data(), token * tokens.columns(), (token + 1) * tokens.columns());
        for (int e = 0; e < x.length; e++) {
            x[e] += positions.at(position, e);
        }
        return input(rest(x, basis));
    }

    /** A direction among inputs. */
    Direction input(float[] unit) {
        return new Direction(unit, times(inputSignal, unit), times(tokens, unit), times(positions, unit));
    }

    /** What an attention output adds to some directions. */
    Direction output(double[] outputs, int row, List<Direction> basis) {
        float[] x = new float[tokens.columns()];
        for (int e = 0; e < x.length; e++) {
            x[e] = (float) outputs[row * x.length + e];
        }
        return output(rest(attention.seen(x), basis));
    }

    /** A direction among attention outputs. */
    Direction output(float[] unit) {
        return new Direction(unit, times(attentionSignal, unit), new float[0], new float[0]);
    }

    /** Gains of both tests added up, survivor by survivor. */
    double[] gains(
            Survivors survivors,
            double[] outputs,
            List<List<Direction>> inputBases,
            List<List<Direction>> attentionBases) {
        int d = tokens.columns();
        int n = survivors.count();
        Matrix raw = Matrix.zeros(n, d);
        for (int i = 0; i < raw.data().length; i++) {
            raw.data()[i] = (float) outputs[i];
        }
        Matrix z = attention.seen(raw);
        Matrix images = DenseAlgebra.multiplyTransposed(z, attentionSignal);
        return IntStream.range(0, n)
                .parallel()
                .mapToDouble(s -> {
                    int prefix = survivors.prefixes()[s] + 1;
                    return inputGain(survivors.tokens()[s], survivors.position(), inputBases.get(prefix))
                            + outputGain(z, images, s, attentionBases.get(prefix));
                })
                .toArray();
    }

    private double inputGain(int token, int position, List<Direction> basis) {
        int r = inputSignal.rows();
        double whole = tokenSquares[token] + positionSquares[position] + 2.0 * products.at(token, position);
        double square = whole;
        double[] image = new double[r];
        for (int k = 0; k < r; k++) {
            image[k] = (double) tokenImages.at(token, k) + positionImages.at(position, k);
        }
        for (Direction q : basis) {
            double c = (double) q.byToken[token] + q.byPosition[position];
            square -= c * c;
            for (int k = 0; k < r; k++) {
                image[k] -= c * q.image[k];
            }
        }
        return square > EXPLAINED * whole ? sumOfSquares(image) / square : 0;
    }

    private double outputGain(Matrix z, Matrix images, int row, List<Direction> basis) {
        int d = z.columns();
        int r = attentionSignal.rows();
        double whole = 0;
        for (int e = 0; e < d; e++) {
            whole += (double) z.at(row, e) * z.at(row, e);
        }
        double square = whole;
        double[] image = new double[r];
        for (int k = 0; k < r; k++) {
            image[k] = images.at(row, k);
        }
        for (Direction q : basis) {
            double c = product(z.data(), row * d, q.unit);
            square -= c * c;
            for (int k = 0; k < r; k++) {
                image[k] -= c * q.image[k];
            }
        }
        return square > EXPLAINED * whole ? sumOfSquares(image) / square : 0;
    }

    /** The unit vector along what directions leave of x, which is overwritten; twice, against rounding. */
    private static float[] rest(float[] x, List<Direction> basis) {
        for (int pass = 0; pass < 2; pass++) {
            for (Direction q : basis) {
                float product = product(q.unit, 0, x);
                for (int e = 0; e < x.length; e++) {
                    x[e] -= product * q.unit[e];
                }
            }
        }
        float square = product(x, 0, x);
        float inverse = square > 0 ? (float) (1 / Math.sqrt(square)) : 0;
        for (int e = 0; e < x.length; e++) {
            x[e] *= inverse;
        }
        return x;
    }

    private static float[] times(Matrix rows, float[] x) {
        float[] result = new float[rows.rows()];
        for (int k = 0; k < result.length; k++) {
            result[k] = product(rows.data(), k * x.length, x);
        }
        return result;
    }

    private static double[] squares(Matrix rows) {
        double[] result = new double[rows.rows()];
        for (int r = 0; r < result.length; r++) {
            for (int e = 0; e < rows.columns(); e++) {
                result[r] += (double) rows.at(r, e) * rows.at(r, e);
            }
        }
        return result;
    }

    private static double sumOfSquares(double[] x) {
        double sum = 0;
        for (double value : x) {
            sum += value * value;
        }
        return sum;
    }

    /** Four sums side by side: one would wait for itself. */
    static float product(float[] rows, int at, float[] x) {
        float a = 0;
        float b = 0;
        float c = 0;
        float d = 0;
        for (int e = 0; e + 3 < x.length; e += 4) {
            a += rows[at + e] * x[e];
            b += rows[at + e + 1] * x[e + 1];
            c += rows[at + e + 2] * x[e + 2];
            d += rows[at + e + 3] * x[e + 3];
        }
        for (int e = x.length & -4; e < x.length; e++) {
            a += rows[at + e] * x[e];
        }
        return a + b + (c + d);
    }
}
