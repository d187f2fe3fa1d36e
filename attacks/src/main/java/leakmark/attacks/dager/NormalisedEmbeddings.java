package leakmark.attacks.dager;

import static leakmark.attacks.model.ParameterNames.POSITION_EMBEDDING;
import static leakmark.attacks.model.ParameterNames.TOKEN_EMBEDDING;
import static leakmark.attacks.model.ParameterNames.attentionNormScale;
import static leakmark.attacks.model.ParameterNames.attentionNormShift;

import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.Tensor;
import leakmark.kernels.Matrix;
import leakmark.kernels.dense.DenseAlgebra;

/**
 * Layer 1's input, taken apart: LayerNorm gives token v at position i the vector {@code γ∘(ê_v + p̂_i)/σ_{v,i} + β} with
 * centred embeddings ê, p̂. The first factor is a sum of a token's and a position's part; σ is a number.
 */
final class NormalisedEmbeddings {
    private final Tensor tokens;
    private final Tensor positions;
    private final float[] scale;
    private final float[] shift;
    private final int d;
    private final double epsilon;

    NormalisedEmbeddings(PublicModel model) {
        this.tokens = model.weight(TOKEN_EMBEDDING);
        this.positions = model.weight(POSITION_EMBEDDING);
        this.scale = model.weight(attentionNormScale(0)).data();
        this.shift = model.weight(attentionNormShift(0)).data();
        this.d = model.configuration().hiddenSize();
        this.epsilon = model.configuration().layerNormEpsilon();
    }

    /** The token embedding as it is published, V × d. */
    Matrix table() {
        return new Matrix(tokens.rows(), d, tokens.data());
    }

    /** β. */
    float[] shift() {
        return shift;
    }

    /** Some rows of the token embedding, n × d. */
    Matrix tokenRows(int[] ids) {
        Matrix result = Matrix.zeros(ids.length, d);
        for (int r = 0; r < ids.length; r++) {
            System.arraycopy(tokens.data(), ids[r] * d, result.data(), r * d, d);
        }
        return result;
    }

    /** Rows {@code from … to−1} of the position embedding. */
    Matrix positionRows(int from, int to) {
        return new Matrix(to - from, d, java.util.Arrays.copyOfRange(positions.data(), from * d, to * d));
    }

    /** {@code γ∘ê_v} for some tokens, n × d. */
    Matrix tokenParts(int[] ids) {
        return parts(tokens, ids);
    }

    /** {@code γ∘p̂_i} for positions {@code from … to−1}. */
    Matrix positionParts(int from, int to) {
        return parts(positions, java.util.stream.IntStream.range(from, to).toArray());
    }

    private Matrix parts(Tensor embedding, int[] rows) {
        Matrix result = centred(embedding, rows);
        for (int i = 0; i < result.data().length; i++) {
            result.data()[i] *= scale[i % d];
        }
        return result;
    }

    private double mean(float[] data, int at) {
        double sum = 0;
        for (int e = 0; e < d; e++) {
            sum += data[at + e];
        }
        return sum / d;
    }

    /**
     * Folds centring and γ into a sketch: {@code (γ∘ê) N = e S} with {@code S = (I − 11ᵀ/d) (γ∘N)}.
     *
     * @param sketch N, d × k
     * @return S, d × k
     */
    Matrix folded(Matrix sketch) {
        int k = sketch.columns();
        Matrix result = Matrix.zeros(d, k);
        for (int c = 0; c < k; c++) {
            double mean = 0;
            for (int e = 0; e < d; e++) {
                mean += (double) scale[e] * sketch.at(e, c) / d;
            }
            for (int e = 0; e < d; e++) {
                result.data()[e * k + c] = (float) ((double) scale[e] * sketch.at(e, c) - mean);
            }
        }
        return result;
    }

    /**
     * {@code 1/σ_{t,i}} for some tokens at positions 0 … count−1, T × count: {@code σ² = (‖ê‖² + ‖p̂‖² + 2 ê·p̂)/d + ε}, one
     * small matrix product. The three terms are positive or of their sizes, so float32 keeps its seven digits.
     */
    Matrix inverseSigma(int[] ids, int count) {
        int[] places = java.util.stream.IntStream.range(0, count).toArray();
        Matrix token = centred(tokens, ids);
        Matrix position = centred(positions, places);
        double[] tokenSquares = squares(token);
        double[] positionSquares = squares(position);
        Matrix result = DenseAlgebra.multiplyTransposed(token, position);
        for (int t = 0; t < ids.length; t++) {
            for (int i = 0; i < count; i++) {
                int at = t * count + i;
                double sum = tokenSquares[t] + positionSquares[i] + 2.0 * result.data()[at];
                result.data()[at] = (float) (1 / Math.sqrt(sum / d + epsilon));
            }
        }
        return result;
    }

    private Matrix centred(Tensor embedding, int[] rows) {
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

    private static double[] squares(Matrix rows) {
        double[] result = new double[rows.rows()];
        for (int r = 0; r < rows.rows(); r++) {
            for (int e = 0; e < rows.columns(); e++) {
                result[r] += (double) rows.at(r, e) * rows.at(r, e);
            }
        }
        return result;
    }
}
