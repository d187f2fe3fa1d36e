package leakmark.attacks.dager;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import leakmark.kernels.FirstLayer;
import leakmark.kernels.Matrix;
import leakmark.kernels.dense.DenseAlgebra.Weight;
import org.jspecify.annotations.Nullable;

/**
 * Which tokens, at which positions, explain a noisy layer-1 gradient: orthogonal matching pursuit over all pairs at once.
 *
 * <p>LayerNorm's β is taken out of signal and dictionary; what is left of an input is {@code γ∘ê_t + γ∘p̂_i} up to a
 * factor. Each step adds the pair with the largest gain {@code ‖R x⊥‖²/‖x⊥‖²}, x⊥ being what earlier pairs leave of it, until
 * the best is no better than chance ({@link GainThreshold}). Token parts are swept whole, V·(d + r) multiply-adds a step;
 * pairs are formed of the best of them only, since a token's part is the larger one.
 */
final class PairPursuit {
    /** A pair whose remainder is this small, squared and relative, is explained already. */
    private static final double EXPLAINED = 1e-3;

    private static final int SHORTLIST = 128;
    private static final int PIECES = 16;

    private final Matrix tokens;
    private final Matrix positions;
    private final float[] shift;
    private final Weight transposed;

    /**
     * Keeps the dictionary for all attacks on a model whose gradients are scaled alike.
     *
     * @param whitened how inputs are seen
     */
    PairPursuit(FirstLayer layer, int mostPositions, Whitened whitened) {
        int vocabulary = layer.tokens().rows();
        this.tokens =
                whitened.seen(layer.tokenParts(IntStream.range(0, vocabulary).toArray()));
        this.positions = whitened.seen(
                layer.positionParts(0, Math.min(mostPositions, layer.positions().rows())));
        this.shift = whitened.seen(layer.shift());
        this.transposed = new Weight(transposed(tokens));
    }

    /** A pair that was chosen. */
    record Pair(int token, int position, double gain) {}

    /** Pairs in the order they were found. */
    List<Pair> pairs(SignalSubspace signal) {
        State state = new State(signal.rows());
        double length = norm(shift);
        if (length > 0) {
            float[] unit = shift.clone();
            scale(unit, 1 / length);
            state.remove(unit);
        }
        List<Pair> pairs = new ArrayList<>();
        int most = signal.dimension() - 1;
        while (pairs.size() < most) {
            Pair best = state.best();
            if (best == null || !(best.gain > GainThreshold.of(state.rest, signal.columns(), tokens.rows()))) {
                break;
            }
            pairs.add(best);
            state.remove(state.direction(best));
        }
        return pairs;
    }

    /** What directions chosen so far leave. */
    private final class State {
        private final int d = tokens.columns();
        private final int vocabulary = tokens.rows();
        private final Matrix rest;
        private final List<float[]> basis = new ArrayList<>();
        /** ‖γ∘ê_t‖² of what is left. */
        private final double[] tokenSquares = squares(tokens);
        /** r × V: the signal's products with token parts. */
        private final Matrix tokenGains;

        State(Matrix signal) {
            this.rest =
                    new Matrix(signal.rows(), signal.columns(), signal.data().clone());
            this.tokenGains = transposed.after(rest);
        }

        /** The pair with the largest gain, among the tokens whose own parts gain most. */
        @Nullable
        Pair best() {
            int[] shortlist = shortlist();
            List<float[]> parts = new ArrayList<>();
            for (int token : shortlist) {
                parts.add(remainder(Arrays.copyOfRange(tokens.data(), token * d, (token + 1) * d)));
            }
            List<float[]> places = new ArrayList<>();
            for (int i = 0; i < positions.rows(); i++) {
                places.add(remainder(Arrays.copyOfRange(positions.data(), i * d, (i + 1) * d)));
            }
            float[][] placeGains = places.stream().map(this::gains).toArray(float[][]::new);
            return IntStream.range(0, shortlist.length)
                    .parallel()
                    .mapToObj(s -> best(shortlist[s], parts.get(s), places, placeGains))
                    .filter(pair -> pair.position >= 0)
                    .reduce((x, y) -> y.gain > x.gain ? y : x)
                    .orElse(null);
        }

        private Pair best(int token, float[] part, List<float[]> places, float[][] placeGains) {
            float[] own = gains(part);
            double whole =
                    product(tokens.data(), token * d, Arrays.copyOfRange(tokens.data(), token * d, (token + 1) * d));
            int found = -1;
            double largest = 0;
            for (int i = 0; i < places.size(); i++) {
                double square = product(part, 0, part)
                        + product(places.get(i), 0, places.get(i))
                        + 2 * product(part, 0, places.get(i));
                double gain = 0;
                for (int k = 0; k < own.length; k++) {
                    double sum = (double) own[k] + placeGains[i][k];
                    gain += sum * sum / square;
                }
                if (gain > largest && square > EXPLAINED * whole) {
                    largest = gain;
                    found = i;
                }
            }
            return new Pair(token, found, largest);
        }

        private int[] shortlist() {
            double[] scores = new double[vocabulary];
            IntStream.range(0, PIECES).parallel().forEach(piece -> {
                int to = (int) ((long) vocabulary * (piece + 1) / PIECES);
                for (int t = (int) ((long) vocabulary * piece / PIECES); t < to; t++) {
                    for (int k = 0; k < rest.rows(); k++) {
                        double value = tokenGains.data()[k * vocabulary + t];
                        scores[t] += value * value;
                    }
                    // What is explained already can only be rounding.
                    scores[t] /= Math.max(tokenSquares[t], EXPLAINED);
                }
            });
            double[] sorted = scores.clone();
            Arrays.sort(sorted);
            double least = sorted[Math.max(0, vocabulary - SHORTLIST)];
            return IntStream.range(0, vocabulary)
                    .filter(t -> scores[t] >= least)
                    .toArray();
        }

        /** R x. */
        private float[] gains(float[] x) {
            float[] result = new float[rest.rows()];
            for (int k = 0; k < result.length; k++) {
                result[k] = (float) product(rest.data(), k * d, x);
            }
            return result;
        }

        /** Takes the basis out of x, in place; twice is enough for orthogonality to rounding. */
        private float[] remainder(float[] x) {
            for (int pass = 0; pass < 2; pass++) {
                for (float[] q : basis) {
                    double product = product(q, 0, x);
                    for (int e = 0; e < d; e++) {
                        x[e] -= (float) (product * q[e]);
                    }
                }
            }
            return x;
        }

        /** The unit vector a pair adds. */
        float[] direction(Pair pair) {
            float[] x = Arrays.copyOfRange(tokens.data(), pair.token * d, (pair.token + 1) * d);
            for (int e = 0; e < d; e++) {
                x[e] += positions.at(pair.position, e);
            }
            remainder(x);
            scale(x, 1 / norm(x));
            return x;
        }

        /** Takes a direction out of the signal and of every token. */
        void remove(float[] q) {
            basis.add(q);
            float[] products = transposed.after(new Matrix(1, d, q)).data();
            IntStream.range(0, rest.rows()).parallel().forEach(k -> {
                float factor = (float) product(rest.data(), k * d, q);
                for (int e = 0; e < d; e++) {
                    rest.data()[k * d + e] -= factor * q[e];
                }
                for (int t = 0; t < vocabulary; t++) {
                    tokenGains.data()[k * vocabulary + t] -= factor * products[t];
                }
            });
            for (int t = 0; t < vocabulary; t++) {
                tokenSquares[t] -= (double) products[t] * products[t];
            }
        }
    }

    private static double product(float[] rows, int at, float[] x) {
        double sum = 0;
        for (int e = 0; e < x.length; e++) {
            sum += (double) rows[at + e] * x[e];
        }
        return sum;
    }

    private static double norm(float[] x) {
        return Math.sqrt(product(x, 0, x));
    }

    private static void scale(float[] x, double factor) {
        for (int e = 0; e < x.length; e++) {
            x[e] *= (float) factor;
        }
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

    private static Matrix transposed(Matrix matrix) {
        Matrix result = Matrix.zeros(matrix.columns(), matrix.rows());
        for (int r = 0; r < matrix.rows(); r++) {
            for (int c = 0; c < matrix.columns(); c++) {
                result.data()[c * matrix.rows() + r] = matrix.at(r, c);
            }
        }
        return result;
    }
}
