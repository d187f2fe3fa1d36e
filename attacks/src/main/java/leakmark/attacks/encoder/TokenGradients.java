package leakmark.attacks.encoder;

import java.util.Arrays;
import leakmark.attacks.dager.NormalisedEmbeddings;
import leakmark.attacks.dager.TokenFilter.Candidates;
import leakmark.attacks.encoder.PairFilter.Pairs;
import leakmark.kernels.Matrix;
import leakmark.kernels.SupportRecovery.Dictionary;
import leakmark.kernels.dense.DenseAlgebra;

/**
 * The query and key gradients of layer 1, taken apart by token and position, and the atoms they are made of.
 *
 * <p>Inputs are {@code x_s = w̃_t/σ_s + p̃_i/σ_s + β}, so {@code G = Σ_s x_sᵀ δ_s = Σ_t w̃_tᵀ a_t + Σ_i p̃_iᵀ b_i + βᵀ c}: least
 * squares gives a_t. For a token that stands once in the batch {@code a_t = δ_s/σ_s}. By the softmax derivative, per head,
 * {@code δq_s = Σ_u c_u k_u} over the tokens u of the same sequence, and δk the same with queries: a combination of few atoms
 * {@code w̃_u W_K}, {@code p̃_i W_K}, with the same support in all 2H heads.
 */
final class TokenGradients {
    /**
     * How much longer positions' atoms are made than tokens': any sequence has all positions up to its length, but few of the
     * batch's tokens. Measured on gpt2, whose positions are half as long, 48 × 18, 381 tokens, seeds with one support: as they
     * are 0 of 48, made as long 45, twice as long and more 48; on bert-base all of 40 either way.
     */
    private static final double POSITIONS_FAVOUR = 2;

    private final int tokens;
    private final int positions;
    private final int heads;
    private final int headSize;
    private final double residual;
    private final double[] vectors;
    private final double[] lengths;
    private final double[] keyAtoms;
    private final double[] queryAtoms;
    private final double keyScale;
    private final double queryScale;
    private final double positionScale;

    /** One side: a weight gradient (d × d) and what it is a combination of. */
    record Side(float[] gradient, float[] projection, float[] bias) {}

    /**
     * @param query query gradient and query projection of layer 1
     * @param key the same of the key
     */
    TokenGradients(NormalisedEmbeddings embeddings, Candidates candidates, int heads, Side query, Side key) {
        this.tokens = candidates.tokens().length;
        this.positions = candidates.positions();
        this.heads = heads;
        Matrix atoms = atoms(embeddings, candidates);
        int d = atoms.columns();
        int m = atoms.rows();
        this.headSize = d / heads;
        double[] columns = new double[m * d];
        for (int i = 0; i < columns.length; i++) {
            columns[i] = atoms.data()[i];
        }
        double[] right = new double[2 * d * d];
        for (int e = 0; e < d; e++) {
            for (int c = 0; c < d; c++) {
                right[c * d + e] = query.gradient[e * d + c];
                right[(d + c) * d + e] = key.gradient[e * d + c];
            }
        }
        DenseAlgebra.Fit fit = DenseAlgebra.fullRankLeastSquares(columns, d, m, right, 2 * d);
        this.residual = fit.relativeRest();
        this.keyAtoms = projected(atoms, key);
        this.queryAtoms = projected(atoms, query);
        this.keyScale = rootMeanSquare(keyAtoms);
        this.queryScale = rootMeanSquare(queryAtoms);
        this.positionScale = POSITIONS_FAVOUR
                * rootMeanSquare(Arrays.copyOf(keyAtoms, tokens * d))
                / rootMeanSquare(Arrays.copyOfRange(keyAtoms, tokens * d, (tokens + positions) * d));
        this.vectors = new double[tokens * 2 * d];
        this.lengths = new double[tokens];
        for (int t = 0; t < tokens; t++) {
            for (int c = 0; c < 2 * d; c++) {
                vectors[t * 2 * d + c] = fit.solution()[c * m + t];
            }
            lengths[t] = length(t);
        }
    }

    /** Rows: T tokens, P positions, β. */
    private static Matrix atoms(NormalisedEmbeddings embeddings, Candidates candidates) {
        Matrix tokenParts = embeddings.tokenParts(candidates.tokens());
        Matrix positionParts = embeddings.positionParts(0, candidates.positions());
        float[] all = Arrays.copyOf(
                tokenParts.data(), tokenParts.data().length + positionParts.data().length + embeddings.shift().length);
        System.arraycopy(positionParts.data(), 0, all, tokenParts.data().length, positionParts.data().length);
        System.arraycopy(embeddings.shift(), 0, all, all.length - embeddings.shift().length, embeddings.shift().length);
        return new Matrix(all.length / tokenParts.columns(), tokenParts.columns(), all);
    }

    private static double[] projected(Matrix atoms, Side side) {
        int d = atoms.columns();
        Matrix product = DenseAlgebra.multiply(atoms, new Matrix(d, d, side.projection));
        double[] result = new double[product.data().length];
        for (int i = 0; i < result.length; i++) {
            result[i] = product.data()[i];
        }
        // The last atom is what all inputs share: βW + b.
        for (int c = 0; c < d; c++) {
            result[result.length - d + c] += side.bias[c];
        }
        return result;
    }

    private static double rootMeanSquare(double[] values) {
        return Math.sqrt(Arrays.stream(values).map(v -> v * v).sum() / values.length);
    }

    /** T. */
    int tokens() {
        return tokens;
    }

    /** P. */
    int positions() {
        return positions;
    }

    /** 2H. */
    int systems() {
        return 2 * heads;
    }

    /** Relative rest of the least squares: 1e-7 where the tokens and positions explain the gradient. */
    double residual() {
        return residual;
    }

    /** {@code ‖a_t‖}, of query and key together. */
    double length(int token) {
        double squares = 0;
        for (int c = token * 2 * heads * headSize; c < (token + 1) * 2 * heads * headSize; c++) {
            squares += vectors[c] * vectors[c];
        }
        return Math.sqrt(squares);
    }

    /** What is left of a token's gradient, as a part of what it was. */
    double left(int token) {
        return length(token) / lengths[token];
    }

    /** a_t: query, then key; 2d values. */
    double[] gradient(int token) {
        int width = 2 * heads * headSize;
        return Arrays.copyOfRange(vectors, token * width, (token + 1) * width);
    }

    /** {@code a_t ← a_t − factor · x}. */
    void subtract(int token, double factor, double[] x) {
        int width = 2 * heads * headSize;
        for (int c = 0; c < width; c++) {
            vectors[token * width + c] -= factor * x[c];
        }
    }

    /** Equations of each system over free tokens and positions: d_h, and that tokens weigh as much as positions. */
    int bagEquations() {
        return headSize + 1;
    }

    /** A token's gradient as a right-hand side, 2H × q: both sides of the same length, together of length 1. */
    double[] vector(int token, int equations) {
        double[] result = new double[2 * heads * equations];
        for (int side = 0; side < 2; side++) {
            double squares = 0;
            for (int h = 0; h < heads; h++) {
                int e = side * heads + h;
                int from = (token * 2 * heads + e) * headSize;
                System.arraycopy(vectors, from, result, e * equations, headSize);
                for (int i = from; i < from + headSize; i++) {
                    squares += vectors[i] * vectors[i];
                }
            }
            double inverse = squares == 0 ? 0 : 1 / Math.sqrt(2 * squares);
            for (int i = side * heads * equations; i < (side + 1) * heads * equations; i++) {
                result[i] *= inverse;
            }
        }
        return result;
    }

    /** Factor of the positions' atoms in {@link #bagDictionary}: their coefficients are smaller by it. */
    double positionScale() {
        return positionScale;
    }

    /**
     * Atoms of some tokens, then all positions, then what all share: 2H × (d_h + 1) × (n + P + 1). Query gradients are made of
     * keys (systems 0 … H−1, where the shared part cancels), key gradients of queries.
     */
    Dictionary bagDictionary(int[] chosen) {
        int n = chosen.length;
        int m = n + positions + 1;
        int q = bagEquations();
        double[] values = new double[2 * heads * q * m];
        for (int e = 0; e < 2 * heads; e++) {
            for (int a = 0; a < m; a++) {
                boolean shared = a == m - 1;
                double scale = a < n || shared ? 1 : positionScale;
                int atom = a < n ? chosen[a] : tokens + a - n;
                if (!(shared && e < heads)) {
                    for (int i = 0; i < headSize; i++) {
                        values[(e * q + i) * m + a] = scale * atom(e, atom, i);
                    }
                }
                values[(e * q + headSize) * m + a] = a < n ? 1 : shared ? 0 : -scale;
            }
        }
        return new Dictionary(2 * heads, q, m, values);
    }

    /**
     * Atoms of pairs, whole keys and queries: 2H × (d_h + 1) × pairs. The last equation of a query gradient says that its
     * coefficients add up to 0.
     */
    Dictionary pairDictionary(Pairs pairs, Matrix inverseSigma) {
        int m = pairs.count();
        int q = headSize + 1;
        double[] values = new double[2 * heads * q * m];
        for (int e = 0; e < 2 * heads; e++) {
            for (int a = 0; a < m; a++) {
                int token = pairs.rows()[a];
                int position = pairs.positions()[a];
                double inverse = inverseSigma.at(token, position);
                for (int i = 0; i < headSize; i++) {
                    values[(e * q + i) * m + a] = inverse * (atom(e, token, i) + atom(e, tokens + position, i))
                            + atom(e, tokens + positions, i);
                }
                values[(e * q + headSize) * m + a] = e < heads ? 1 : 0;
            }
        }
        return new Dictionary(2 * heads, q, m, values);
    }

    /** Entry i of an atom in a system, scaled to a root mean square of 1. */
    private double atom(int system, int atom, int i) {
        int d = heads * headSize;
        return system < heads
                ? keyAtoms[atom * d + system * headSize + i] / keyScale
                : queryAtoms[atom * d + (system - heads) * headSize + i] / queryScale;
    }
}
