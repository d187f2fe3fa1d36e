package leakmark.kernels;

import java.util.Arrays;
import java.util.stream.IntStream;
import leakmark.kernels.dense.DenseAlgebra;

/**
 * Embeddings, LayerNorm and projection in front of layer 1's attention, resident with a provider.
 *
 * <p>LayerNorm gives token v at position i the vector {@code γ∘(ê_v + p̂_i)/σ_{v,i} + β} with centred embeddings ê, p̂: a sum
 * of a token's and a position's part, divided by a number.
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
public record FirstLayer(
        int heads,
        DeviceMatrix tokens,
        DeviceMatrix positions,
        float[] scale,
        float[] shift,
        double epsilon,
        DeviceMatrix weight,
        float[] bias)
        implements AutoCloseable {
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
        int d = hiddenSize();
        Matrix result = Matrix.zeros(rows.length, d);
        for (int r = 0; r < rows.length; r++) {
            int at = rows[r] * d;
            double mean = mean(embedding.data(), at);
            for (int e = 0; e < d; e++) {
                result.data()[r * d + e] = (float) (scale[e] * (embedding.data()[at + e] - mean));
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

    /** {@code 1/σ_{t,i}} for some tokens at positions 0 … count−1, T × count. */
    public Matrix inverseSigma(int[] ids, int count) {
        int d = hiddenSize();
        float[] tokenData = tokens.toHost().data();
        float[] positionData = positions.toHost().data();
        double[] tokenMeans =
                Arrays.stream(ids).mapToDouble(id -> mean(tokenData, id * d)).toArray();
        double[] positionMeans = IntStream.range(0, count)
                .mapToDouble(i -> mean(positionData, i * d))
                .toArray();
        Matrix result = Matrix.zeros(ids.length, count);
        IntStream.range(0, ids.length).parallel().forEach(t -> {
            for (int i = 0; i < count; i++) {
                double mean = tokenMeans[t] + positionMeans[i];
                double squares = 0;
                for (int e = 0; e < d; e++) {
                    double x = tokenData[ids[t] * d + e] + (double) positionData[i * d + e] - mean;
                    squares += x * x;
                }
                result.data()[t * count + i] = (float) (1 / Math.sqrt(squares / d + epsilon));
            }
        });
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
        Matrix projected = DenseAlgebra.multiply(
                stacked(tokenParts(ids), positionParts(0, count), new Matrix(1, hiddenSize(), shift)), weight.toHost());
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
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }

    @Override
    public String toString() {
        return "FirstLayer[" + tokens.rows() + " tokens, d = " + hiddenSize() + "]";
    }
}
