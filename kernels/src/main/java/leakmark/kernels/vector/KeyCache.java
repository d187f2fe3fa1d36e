package leakmark.kernels.vector;

import static leakmark.kernels.vector.Species.FLOAT;
import static leakmark.kernels.vector.Species.LANES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import leakmark.kernels.Matrix;
import leakmark.kernels.PrefixTables;
import leakmark.kernels.dense.DenseAlgebra;

/** Everything the search keeps of the tokens (nodes) it accepted: keys, values, scores against all tokens, sketches. */
final class KeyCache {
    private final PrefixTables tables;
    private final int d;
    private final int heads;
    private final int headSize;
    private final int columns;
    private final int width;
    private final float scale;
    /** a_tᵀ/√(d/H), d × width: token queries with tokens in the lanes. */
    private final float[] queries;

    private final Matrix tokenSketches;
    private final Matrix positionSketches;
    private final float[] constantSketches;

    private int count;
    private float[] keys = new float[0];
    private double[] exactKeys = new double[0];
    private double[] exactValues = new double[0];
    private float[] tokenScores = new float[0];
    private float[] positionScores = new float[0];
    private float[] constantScores = new float[0];
    private float[] sketches = new float[0];
    private float[] norms = new float[0];

    KeyCache(PrefixTables tables) {
        this.tables = tables;
        this.d = tables.hiddenSize();
        this.heads = tables.heads();
        this.headSize = tables.headSize();
        this.columns = (tables.sketch().columns() + 3) / 4 * 4;
        this.width = Species.padded(tables.tokens());
        this.scale = (float) (1 / Math.sqrt(headSize));
        this.queries = new float[d * width];
        for (int t = 0; t < tables.tokens(); t++) {
            for (int e = 0; e < d; e++) {
                queries[e * width + t] = tables.tokenQkv().at(t, e) * scale;
            }
        }
        Matrix perHead = perHead(tables.sketch());
        tokenSketches = DenseAlgebra.multiply(values(tables.tokenQkv()), perHead);
        positionSketches = DenseAlgebra.multiply(values(tables.positionQkv()), perHead);
        constantSketches = DenseAlgebra.multiply(values(new Matrix(1, 3 * d, tables.constantQkv())), perHead)
                .data();
    }

    /** Sketch columns, rounded up to a multiple of four by zeros. */
    int columns() {
        return columns;
    }

    /** Block-diagonal sketch, d × H·k: head h's rows of N in its own k columns. */
    private Matrix perHead(Matrix sketch) {
        Matrix result = Matrix.zeros(d, heads * columns);
        for (int e = 0; e < d; e++) {
            for (int c = 0; c < sketch.columns(); c++) {
                result.data()[e * heads * columns + e / headSize * columns + c] = sketch.at(e, c);
            }
        }
        return result;
    }

    private Matrix values(Matrix qkv) {
        Matrix result = Matrix.zeros(qkv.rows(), d);
        for (int i = 0; i < qkv.rows(); i++) {
            System.arraycopy(qkv.data(), i * 3 * d + 2 * d, result.data(), i * d, d);
        }
        return result;
    }

    /** Adds one node per token at a position; returns the first new node. */
    int append(int[] tokens, int position) {
        int first = count;
        count += tokens.length;
        keys = Species.room(keys, count * d);
        tokenScores = Species.room(tokenScores, count * heads * width);
        positionScores = Species.room(positionScores, count * heads);
        constantScores = Species.room(constantScores, count * heads);
        sketches = Species.room(sketches, count * heads * columns);
        norms = Species.room(norms, count * heads);
        if (count * d > exactKeys.length) {
            exactKeys = Arrays.copyOf(exactKeys, Math.max(count * d, 2 * exactKeys.length));
            exactValues = Arrays.copyOf(exactValues, exactKeys.length);
        }
        Species.parallel(tokens.length, i -> fill(first + i, tokens[i], position));
        Species.chunks(tokens.length, 4, (chunk, from, to) -> scoreTokens(first + from, to - from));
        return first;
    }

    private void fill(int node, int token, int position) {
        double inverse = tables.inverseSigma().at(token, position);
        for (int e = 0; e < d; e++) {
            double key = projected(token, position, d + e, inverse);
            keys[node * d + e] = (float) key;
            exactKeys[node * d + e] = key;
            exactValues[node * d + e] = projected(token, position, 2 * d + e, inverse);
        }
        for (int h = 0; h < heads; h++) {
            constantScores[node * heads + h] = scale * dot(tables.constantQkv(), h * headSize, node, h);
            for (int c = 0; c < columns; c++) {
                sketches[(node * heads + h) * columns + c] = sketched(token, position, h * columns + c);
            }
            int value = 2 * d + h * headSize;
            norms[node * heads + h] = (float) Math.sqrt(product(token, position, value, value));
        }
    }

    /** Entry e of 3d of a pair's query, key and value, float64. */
    double projected(int token, int position, int e, double inverseSigma) {
        return ((double) tables.tokenQkv().at(token, e) + tables.positionQkv().at(position, e)) * inverseSigma
                + tables.constantQkv()[e];
    }

    private float sketched(int token, int position, int column) {
        return (tokenSketches.at(token, column) + positionSketches.at(position, column))
                        * tables.inverseSigma().at(token, position)
                + constantSketches[column];
    }

    private float dot(float[] vector, int at, int node, int h) {
        int key = node * d + h * headSize;
        FloatVector sum = FloatVector.zero(FLOAT);
        int bound = FLOAT.loopBound(headSize);
        for (int e = 0; e < bound; e += LANES) {
            sum = FloatVector.fromArray(FLOAT, vector, at + e).fma(FloatVector.fromArray(FLOAT, keys, key + e), sum);
        }
        float result = sum.reduceLanes(VectorOperators.ADD);
        for (int e = bound; e < headSize; e++) {
            result += vector[at + e] * keys[key + e];
        }
        return result;
    }

    /** {@code a_t·n/√(d/H)} of all tokens against up to four nodes; two vectors of tokens share each broadcast key entry. */
    private void scoreTokens(int node, int nodes) {
        int n1 = node + Math.min(1, nodes - 1);
        int n2 = node + Math.min(2, nodes - 1);
        int n3 = node + Math.min(3, nodes - 1);
        for (int h = 0; h < heads; h++) {
            int first = h * headSize;
            for (int t = 0; t < width; t += LANES) {
                FloatVector s0 = FloatVector.zero(FLOAT);
                FloatVector s1 = s0;
                FloatVector s2 = s0;
                FloatVector s3 = s0;
                for (int e = first; e < first + headSize; e++) {
                    FloatVector q = FloatVector.fromArray(FLOAT, queries, e * width + t);
                    s0 = q.fma(FloatVector.broadcast(FLOAT, keys[node * d + e]), s0);
                    s1 = q.fma(FloatVector.broadcast(FLOAT, keys[n1 * d + e]), s1);
                    s2 = q.fma(FloatVector.broadcast(FLOAT, keys[n2 * d + e]), s2);
                    s3 = q.fma(FloatVector.broadcast(FLOAT, keys[n3 * d + e]), s3);
                }
                s0.intoArray(tokenScores, (node * heads + h) * width + t);
                s1.intoArray(tokenScores, (n1 * heads + h) * width + t);
                s2.intoArray(tokenScores, (n2 * heads + h) * width + t);
                s3.intoArray(tokenScores, (n3 * heads + h) * width + t);
            }
        }
    }

    /** Scores the query part of a position against the keys of nodes; read by {@link #positionScore}. */
    void scorePosition(int position, int[] nodes) {
        Species.chunks(nodes.length, 32, (chunk, from, to) -> {
            for (int i = from; i < to; i++) {
                for (int h = 0; h < heads; h++) {
                    positionScores[nodes[i] * heads + h] =
                            scale * dot(tables.positionQkv().data(), position * 3 * d + h * headSize, nodes[i], h);
                }
            }
        });
    }

    /** The candidates' own terms at a position; {@code all} if they are all tokens in order. */
    OwnTerms ownTerms(int position, int[] candidates, boolean all) {
        OwnTerms own = OwnTerms.room(candidates, all, heads, columns);
        Species.parallel(candidates.length, c -> {
            int token = candidates[c];
            own.inverseSigma()[c] = tables.inverseSigma().at(token, position);
            for (int h = 0; h < heads; h++) {
                int query = h * headSize;
                int value = 2 * d + query;
                own.scores()[h * own.width() + c] = scale * product(token, position, query, d + query);
                own.norms()[h * own.width() + c] = (float) Math.sqrt(product(token, position, value, value));
                for (int k = 0; k < columns; k++) {
                    own.sketches()[(h * columns + k) * own.width() + c] = sketched(token, position, h * columns + k);
                }
            }
        });
        return own;
    }

    /** Dot product of two head-long stretches of a pair's query, key and value, starting at entries {@code a} and {@code b}. */
    private float product(int token, int position, int a, int b) {
        float inverse = tables.inverseSigma().at(token, position);
        FloatVector sum = FloatVector.zero(FLOAT);
        int bound = FLOAT.loopBound(headSize);
        for (int e = 0; e < bound; e += LANES) {
            sum = affine(token, position, a + e, inverse).fma(affine(token, position, b + e, inverse), sum);
        }
        float result = sum.reduceLanes(VectorOperators.ADD);
        for (int e = bound; e < headSize; e++) {
            result += (float) (projected(token, position, a + e, inverse) * projected(token, position, b + e, inverse));
        }
        return result;
    }

    private FloatVector affine(int token, int position, int e, float inverse) {
        return FloatVector.fromArray(FLOAT, tables.tokenQkv().data(), token * 3 * d + e)
                .add(FloatVector.fromArray(FLOAT, tables.positionQkv().data(), position * 3 * d + e))
                .fma(FloatVector.broadcast(FLOAT, inverse), FloatVector.fromArray(FLOAT, tables.constantQkv(), e));
    }

    /** {@code a_t·n/√(d/H)} of all nodes, heads and tokens. */
    float[] tokenScores() {
        return tokenScores;
    }

    /** Where a node's scores for head h start in {@link #tokenScores}, one a token. */
    int tokenScoresAt(int node, int h) {
        return (node * heads + h) * width;
    }

    /** {@code b_i·n/√(d/H)} of the position last scored. */
    float positionScore(int node, int h) {
        return positionScores[node * heads + h];
    }

    /** {@code c·n/√(d/H)}. */
    float constantScore(int node, int h) {
        return constantScores[node * heads + h];
    }

    /** ‖v_h‖ of a node. */
    float norm(int node, int h) {
        return norms[node * heads + h];
    }

    /** Sketched values of all nodes and heads. */
    float[] sketches() {
        return sketches;
    }

    /** Where N_hᵀ v_n starts in {@link #sketches}. */
    int sketchAt(int node, int h) {
        return (node * heads + h) * columns;
    }

    /** Keys of all nodes, float64, n × d. */
    double[] exactKeys() {
        return exactKeys;
    }

    /** Values of all nodes, float64, n × d. */
    double[] exactValues() {
        return exactValues;
    }
}
