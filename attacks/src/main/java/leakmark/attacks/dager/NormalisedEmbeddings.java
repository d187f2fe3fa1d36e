package leakmark.attacks.dager;

import static leakmark.attacks.model.ParameterNames.POSITION_EMBEDDING;
import static leakmark.attacks.model.ParameterNames.TOKEN_EMBEDDING;
import static leakmark.attacks.model.ParameterNames.attentionNormScale;
import static leakmark.attacks.model.ParameterNames.attentionNormShift;
import static leakmark.attacks.model.ParameterNames.queryKeyValue;
import static leakmark.attacks.model.ParameterNames.queryKeyValueBias;

import java.util.Arrays;
import java.util.function.Function;
import leakmark.attacks.model.Architecture;
import leakmark.attacks.model.BertNames;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.Tensor;
import leakmark.kernels.DeviceMatrix;
import leakmark.kernels.FirstLayer;
import leakmark.kernels.KernelProvider;
import leakmark.kernels.Matrix;

/**
 * Layer 1's input, taken apart (see {@link FirstLayer}), with the weights resident with a provider and the embeddings on
 * the heap as well. BERT's position embedding
 * includes the first segment's.
 */
public final class NormalisedEmbeddings implements AutoCloseable {
    private final PublicModel model;
    private final Tensor tokens;
    private final Tensor positions;
    private final int d;
    private final FirstLayer host;
    private final FirstLayer resident;

    public NormalisedEmbeddings(PublicModel model, KernelProvider kernels) {
        boolean encoder = model.configuration().architecture() == Architecture.BERT;
        this.model = model;
        this.tokens = model.weight(encoder ? BertNames.TOKEN_EMBEDDING : TOKEN_EMBEDDING);
        this.positions = encoder ? withFirstSegment(model) : model.weight(POSITION_EMBEDDING);
        this.d = model.configuration().hiddenSize();
        this.host = layer(matrix -> matrix);
        this.resident = layer(kernels::upload);
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

    private FirstLayer layer(Function<Matrix, DeviceMatrix> upload) {
        boolean encoder = model.configuration().architecture() == Architecture.BERT;
        return new FirstLayer(
                model.configuration().heads(),
                upload.apply(matrix(tokens)),
                upload.apply(matrix(positions)),
                model.weight(encoder ? BertNames.EMBEDDING_NORM_SCALE : attentionNormScale(0))
                        .data(),
                model.weight(encoder ? BertNames.EMBEDDING_NORM_SHIFT : attentionNormShift(0))
                        .data(),
                model.configuration().layerNormEpsilon(),
                upload.apply(matrix(
                        encoder
                                ? beside(BertNames.query(0), BertNames.key(0), BertNames.value(0))
                                : model.weight(queryKeyValue(0)))),
                (encoder
                                ? beside(BertNames.queryBias(0), BertNames.keyBias(0), BertNames.valueBias(0))
                                : model.weight(queryKeyValueBias(0)))
                        .data());
    }

    private Tensor beside(String... names) {
        return Tensor.beside(Arrays.stream(names).map(model::weight).toArray(Tensor[]::new));
    }

    private static Matrix matrix(Tensor tensor) {
        return new Matrix(tensor.rows(), tensor.columns(), tensor.data());
    }

    /** The model they are of. */
    public PublicModel model() {
        return model;
    }

    /** With weights on the provider's device. */
    FirstLayer layer() {
        return resident;
    }

    /** β. */
    public float[] shift() {
        return host.shift();
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
        return new Matrix(to - from, d, Arrays.copyOfRange(positions.data(), from * d, to * d));
    }

    /** {@code γ∘ê_v} for some tokens, n × d. */
    public Matrix tokenParts(int[] ids) {
        return host.tokenParts(ids);
    }

    /** {@code γ∘p̂_i} for positions {@code from … to−1}. */
    public Matrix positionParts(int from, int to) {
        return host.positionParts(from, to);
    }

    /**
     * Folds centring and γ into a sketch: {@code (γ∘ê) N = e S} with {@code S = (I − 11ᵀ/d) (γ∘N)}.
     *
     * @param sketch N, d × k
     * @return S, d × k
     */
    Matrix folded(Matrix sketch) {
        int k = sketch.columns();
        float[] scale = host.scale();
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
        return host.inverseSigma(ids, count);
    }

    @Override
    public void close() {
        resident.close();
    }
}
