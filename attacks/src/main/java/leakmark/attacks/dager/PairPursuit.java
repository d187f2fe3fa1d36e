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
 * <p>Two ways, and what explains the gradient with fewer pairs is kept: pairs of the largest gain in likelihood, best where noise
 * leaves few directions; and pairs nearest to the span of what is left, each direction weighed by how well it is known
 * (rank-aware pursuit: Davies, Eldar 2012), best where many tokens share strong directions, which resemble none of them.
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

    /** Pairs in the order they were found, by whichever way leaves less to noise and needs fewer pairs. */
    List<Pair> pairs(SignalSubspace signal) {
        Pursuit byGain = pursuit(signal, signal.rows());
        Pursuit byDirections = pursuit(signal, signal.directions());
        return byDirections.cost < byGain.cost ? byDirections.pairs : byGain.pairs;
    }

    /** @param cost twice the negative log-likelihood that is left, and each pair at the price of chance */
    private record Pursuit(List<Pair> pairs, double cost) {}

    private Pursuit pursuit(SignalSubspace signal, Matrix selection) {
        State state = new State(selection, signal.rows());
        double length = norm(shift);
        if (length > 0) {
            float[] unit = shift.clone();
            scale(unit, 1 / length);
            state.remove(unit);
        }
        List<Pair> pairs = new ArrayList<>();
        int most = signal.dimension() - 1;
        double price = GainThreshold.ofNoise(signal.columns(), tokens.rows());
        while (pairs.size() < most) {
            Pair best = state.best();
            if (best == null || !(best.gain > GainThreshold.ofSignal(state.rest, tokens.rows()))) {
                break;
            }
            float[] direction = state.direction(best);
            if (!(state.likelihood(direction) > price)) {
                break;
            }
            pairs.add(best);
            state.remove(direction);
        }
        return new Pursuit(pairs, state.unexplained() + price * pairs.size());
    }

    /** What directions chosen so far leave. */
    private final class State {
        private final int d = tokens.columns();
        private final int vocabulary = tokens.rows();
        /** Of what pairs are selected by. */
        private final Matrix rest;

        /** Of the signal in units of the noise. */
        private final Matrix likelihood;

        private final List<float[]> basis = new ArrayList<>();
        /** ‖γ∘ê_t‖² of what is left. */
        private final double[] tokenSquares = squares(tokens);
        /** r × V: the signal's products with token parts. */
        private final Matrix tokenGains;

        State(Matrix selection, Matrix signal) {
            this.rest = copy(selection);
            this.likelihood = copy(signal);
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

        /** What a unit vector explains. */
        double likelihood(float[] unit) {
            double sum = 0;
            for (int k = 0; k < likelihood.rows(); k++) {
                double along = product(likelihood.data(), k * d, unit);
                sum += along * along;
            }
            return sum;
        }

        double unexplained() {
            double sum = 0;
            for (float value : likelihood.data()) {
                sum += (double) value * value;
            }
            return sum;
        }

        /** Takes a direction out of the signal and of every token. */
        void remove(float[] q) {
            basis.add(q);
            float[] products = transposed.after(new Matrix(1, d, q)).data();
            IntStream.range(0, rest.rows()).parallel().forEach(k -> {
                takeOut(likelihood, k, q);
                float factor = takeOut(rest, k, q);
                for (int t = 0; t < vocabulary; t++) {
                    tokenGains.data()[k * vocabulary + t] -= factor * products[t];
                }
            });
            for (int t = 0; t < vocabulary; t++) {
                tokenSquares[t] -= (double) products[t] * products[t];
            }
        }
    }

    /** Takes a unit vector out of a row; how much there was. */
    private static float takeOut(Matrix rows, int row, float[] unit) {
        int at = row * unit.length;
        float factor = (float) product(rows.data(), at, unit);
        for (int e = 0; e < unit.length; e++) {
            rows.data()[at + e] -= factor * unit[e];
        }
        return factor;
    }

    private static Matrix copy(Matrix matrix) {
        return new Matrix(matrix.rows(), matrix.columns(), matrix.data().clone());
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
