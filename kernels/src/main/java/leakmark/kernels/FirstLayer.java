package leakmark.kernels;

import java.util.Arrays;
import java.util.stream.IntStream;
import leakmark.kernels.dense.DenseAlgebra;
import leakmark.kernels.dense.DenseAlgebra.Weight;
import org.jspecify.annotations.Nullable;

/**
 * Embeddings, LayerNorm and projection in front of layer 1's attention, resident with a provider.
 *
 * <p>LayerNorm gives token v at position i the vector {@code γ∘(ê_v + p̂_i)/σ_{v,i} + β} with centred embeddings ê, p̂: a sum
 * of a token's and a position's part, divided by a number.
 */
public final class FirstLayer implements AutoCloseable {
    private final int heads;
    private final DeviceMatrix tokens;
    private final DeviceMatrix positions;
    private final float[] scale;
    private final float[] shift;
    private final double epsilon;
    private final DeviceMatrix weight;
    private final float[] bias;
    private @Nullable Weight hostWeight;

    /**
     * Takes over the matrices, which are closed with it.
     *
     * @param heads H
     * @param tokens token embedding E, V × d
     * @param positions position embedding, at least P × d
     * @param scale γ, d
     * @param shift β, d
     * @param epsilon added to the variance
     * @param weight W of query, key and value side by side, d × 3d
     * @param bias b, 3d
     */
    public FirstLayer(
            int heads,
            DeviceMatrix tokens,
            DeviceMatrix positions,
            float[] scale,
            float[] shift,
            double epsilon,
            DeviceMatrix weight,
            float[] bias) {
        this.heads = heads;
        this.tokens = tokens;
        this.positions = positions;
        this.scale = scale;
        this.shift = shift;
        this.epsilon = epsilon;
        this.weight = weight;
        this.bias = bias;
    }

    /** H. */
    public int heads() {
        return heads;
    }

    /** Token embedding, V × d. */
    public DeviceMatrix tokens() {
        return tokens;
    }

    /** Position embedding. */
    public DeviceMatrix positions() {
        return positions;
    }

    /** γ. */
    public float[] scale() {
        return scale;
    }

    /** β. */
    public float[] shift() {
        return shift;
    }

    /** ε. */
    public double epsilon() {
        return epsilon;
    }

    /** W, d × 3d. */
    public DeviceMatrix weight() {
        return weight;
    }

    /** b. */
    public float[] bias() {
        return bias;
    }

    /** d. */
    public int hiddenSize() {
        return scale.length;
    }

    /** {@code γ∘ê_v} for some tokens, n × d. */
    public Matrix tokenParts(int[] ids) {
        return parts(tokens.toHost(), ids);
    }

    /** {@code γ∘p̂_i} for positions {@code from … to−1}. */
    public Matrix positionParts(int from, int to) {
        return parts(positions.toHost(), IntStream.range(from, to).toArray());
    }

    private Matrix parts(Matrix embedding, int[] rows) {
        Matrix result = centred(embedding, rows);
        for (int i = 0; i < result.data().length; i++) {
            result.data()[i] *= scale[i % scale.length];
        }
        return result;
    }

    private Matrix centred(Matrix embedding, int[] rows) {
        int d = hiddenSize();
        Matrix result = Matrix.zeros(rows.length, d);
        for (int r = 0; r < rows.length; r++) {
            int at = rows[r] * d;
            double mean = mean(embedding.data(), at);
            for (int e = 0; e < d; e++) {
                result.data()[r * d + e] = (float) (embedding.data()[at + e] - mean);
            }
        }
        return result;
    }

    private double mean(float[] data, int at) {
        int d = hiddenSize();
        double sum = 0;
        for (int e = 0; e < d; e++) {
            sum += data[at + e];
        }
        return sum / d;
    }

    /**
     * {@code 1/σ_{t,i}} for some tokens at positions 0 … count−1, T × count: {@code σ² = (‖ê‖² + ‖p̂‖² + 2 ê·p̂)/d + ε}, one
     * small matrix product. The three terms are positive or of their sizes, so float32 keeps its seven digits.
     */
    public Matrix inverseSigma(int[] ids, int count) {
        Matrix token = centred(tokens.toHost(), ids);
        Matrix position = centred(positions.toHost(), IntStream.range(0, count).toArray());
        double[] tokenSquares = squares(token);
        double[] positionSquares = squares(position);
        Matrix result = DenseAlgebra.multiplyTransposed(token, position);
        for (int t = 0; t < ids.length; t++) {
            for (int i = 0; i < count; i++) {
                int at = t * count + i;
                double sum = tokenSquares[t] + positionSquares[i] + 2.0 * result.data()[at];
                result.data()[at] = (float) (1 / Math.sqrt(sum / hiddenSize() + epsilon));
            }
        }
        return result;
    }

    private static double[] squares(Matrix rows) {
        double[] result = new double[rows.rows()];
        for (int r = 0; r < rows.rows(); r++) {
            for (int e = 0; e < rows.columns(); e++) {
                result[r] += (double) rows.at(r, e) * rows.at(r, e);
            }
        }
        return result;
    }

    /**
     * Query, key and value of some tokens and of positions 0 … count−1, taken apart as their inputs are.
     *
     * @param ids T tokens
     * @param count P
     * @param sketch N, d × k
     */
    public PrefixTables tables(int[] ids, int count, Matrix sketch) {
        Matrix projected = hostWeight()
                .after(stacked(tokenParts(ids), positionParts(0, count), new Matrix(1, hiddenSize(), shift)));
        int width = projected.columns();
        float[] constant = rows(projected, ids.length + count, 1).data();
        for (int e = 0; e < width; e++) {
            constant[e] += bias[e];
        }
        return new PrefixTables(
                heads,
                rows(projected, 0, ids.length),
                rows(projected, ids.length, count),
                constant,
                inverseSigma(ids, count),
                sketch);
    }

    /** W outside the heap, kept for the next search: copying it took as long as the product. */
    private synchronized Weight hostWeight() {
        Weight kept = hostWeight;
        if (kept == null) {
            kept = new Weight(weight.toHost());
            hostWeight = kept;
        }
        return kept;
    }

    private static Matrix stacked(Matrix... parts) {
        int rows = Arrays.stream(parts).mapToInt(Matrix::rows).sum();
        Matrix result = Matrix.zeros(rows, parts[0].columns());
        int at = 0;
        for (Matrix part : parts) {
            System.arraycopy(part.data(), 0, result.data(), at, part.data().length);
            at += part.data().length;
        }
        return result;
    }

    private static Matrix rows(Matrix matrix, int from, int count) {
        int width = matrix.columns();
        return new Matrix(count, width, Arrays.copyOfRange(matrix.data(), from * width, (from + count) * width));
    }

    @Override
    public void close() {
        tokens.close();
        positions.close();
        weight.close();
    }

    @Override
    public String toString() {
        return "FirstLayer[" + tokens.rows() + " tokens, d = " + hiddenSize() + "]";
    }
}
