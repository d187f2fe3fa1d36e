package leakmark.attacks.dager;

import static leakmark.attacks.model.ParameterNames.POSITION_EMBEDDING;
import static leakmark.attacks.model.ParameterNames.TOKEN_EMBEDDING;
import static leakmark.attacks.model.ParameterNames.attentionNormScale;
import static leakmark.attacks.model.ParameterNames.attentionNormShift;

import leakmark.attacks.model.Architecture;
import leakmark.attacks.model.BertNames;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.Tensor;
import leakmark.kernels.Matrix;

/**
 * Input of the first attention, taken apart: LayerNorm gives token v at position i the vector {@code γ∘(ê_v + p̂_i)/σ_{v,i} + β} with
 * centred embeddings ê, p̂. The first factor is a sum of a token's and a position's part; σ is a number.
 */
public final class NormalisedEmbeddings {
    private final Tensor tokens;
    private final Tensor positions;
    private final float[] scale;
    private final float[] shift;
    private final int d;
    private final double epsilon;

    public NormalisedEmbeddings(PublicModel model) {
        boolean encoder = model.configuration().architecture() == Architecture.BERT;
        this.tokens = model.weight(encoder ? BertNames.TOKEN_EMBEDDING : TOKEN_EMBEDDING);
        this.positions = encoder ? withFirstSegment(model) : model.weight(POSITION_EMBEDDING);
        this.scale = model.weight(encoder ? BertNames.EMBEDDING_NORM_SCALE : attentionNormScale(0))
                .data();
        this.shift = model.weight(encoder ? BertNames.EMBEDDING_NORM_SHIFT : attentionNormShift(0))
                .data();
        this.d = model.configuration().hiddenSize();
        this.epsilon = model.configuration().layerNormEpsilon();
    }

    /** BERT adds the segment's embedding to every position's; a single sentence is segment 0. */
    private static Tensor withFirstSegment(PublicModel model) {
        Tensor positions = model.weight(BertNames.POSITION_EMBEDDING);
        float[] segment = model.weight(BertNames.TYPE_EMBEDDING).data();
        int d = positions.columns();
        float[] sums = positions.data().clone();
        for (int i = 0; i < sums.length; i++) {
            sums[i] += segment[i % d];
        }
        return Tensor.matrix(positions.rows(), d, sums);
    }

    /** The token embedding as it is published, V × d. */
    Matrix table() {
        return new Matrix(tokens.rows(), d, tokens.data());
    }

    /** β. */
    public float[] shift() {
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
    public Matrix tokenParts(int[] ids) {
        return parts(tokens, ids);
    }

    /** {@code γ∘p̂_i} for positions {@code from … to−1}. */
    public Matrix positionParts(int from, int to) {
        return parts(positions, java.util.stream.IntStream.range(from, to).toArray());
    }

    private Matrix parts(Tensor embedding, int[] rows) {
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

    /** {@code 1/σ_{t,i}} for some tokens at positions 0 … count−1, T × count. */
    public Matrix inverseSigma(int[] ids, int count) {
        double[] tokenMeans = new double[ids.length];
        double[] positionMeans = new double[count];
        for (int t = 0; t < ids.length; t++) {
            tokenMeans[t] = mean(tokens.data(), ids[t] * d);
        }
        for (int i = 0; i < count; i++) {
            positionMeans[i] = mean(positions.data(), i * d);
        }
        Matrix result = Matrix.zeros(ids.length, count);
        java.util.stream.IntStream.range(0, ids.length).parallel().forEach(t -> {
            for (int i = 0; i < count; i++) {
                double mean = tokenMeans[t] + positionMeans[i];
                double squares = 0;
                for (int e = 0; e < d; e++) {
                    double x =
                            tokens.data()[ids[t] * d + e] + (double) positions.data()[i * d + e] - mean;
                    squares += x * x;
                }
                result.data()[t * count + i] = (float) (1 / Math.sqrt(squares / d + epsilon));
            }
        });
        return result;
    }
}
