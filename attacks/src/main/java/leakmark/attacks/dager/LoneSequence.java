package leakmark.attacks.dager;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import leakmark.attacks.Reconstruction.RecoveredSequence;
import leakmark.attacks.optim.Assignment;
import leakmark.kernels.FirstLayer;
import leakmark.kernels.Matrix;

/**
 * Puts the tokens of a lone sequence in their places.
 *
 * <p>With one sequence the graph of tokens and positions falls into one part a token, so the input of a wrong pair lies outside
 * the span (section 3 of DESIGN.md). What lies inside is weighed by how well the noise lets each singular vector be known
 * ({@link SignalSubspace#overlaps}). Places are assigned tokens, each one at least once, so that the most lies inside; repeats that
 * the mixture shows are free, others have their price.
 */
final class LoneSequence {
    /** Parts outside the span that differ by less, of the whole, are equally good. */
    private static final double LEAST = 1e-3;
    /** Weight of the mixture's own opinion: decides where the span has none. */
    private static final double HINT = 0.05;
    /** Most repeats of a token, where places do not force more. */
    private static final int COPIES = 6;
    /** Each token of the bag occurs, whatever that costs. */
    private static final double ONCE = 1e6;
    /** What a repeat must gain that the mixture does not show: a factor e of what lies outside the span. */
    private static final double REPEAT = 1;

    /** In place of an overlap. */
    private static final double SHIFT = -1;

    private final Whitened seen;
    private final FirstLayer layer;
    private final SignalSubspace inputs;
    private final List<double[]> basis = new ArrayList<>();
    private final List<Double> overlaps = new ArrayList<>();

    LoneSequence(FirstLayer layer, Whitened seen, SignalSubspace inputs) {
        this.seen = seen;
        this.layer = layer;
        this.inputs = inputs;
        // Inputs hold the shift of the layer normalisation; the rest of each direction tells pairs apart.
        add(seen.seen(layer.shift()), 0, SHIFT);
        double[] known = inputs.overlaps();
        for (int k = 0; k < inputs.rank(); k++) {
            add(inputs.rows().data(), k * inputs.dimension(), known[k]);
        }
    }

    private void add(float[] data, int at, double overlap) {
        double[] x = new double[inputs.dimension()];
        double whole = 0;
        for (int e = 0; e < x.length; e++) {
            x[e] = data[at + e];
            whole += x[e] * x[e];
        }
        for (int pass = 0; pass < 2; pass++) {
            for (double[] q : basis) {
                double product = product(q, x);
                for (int e = 0; e < x.length; e++) {
                    x[e] -= product * q[e];
                }
            }
        }
        double rest = product(x, x);
        if (rest > 1e-12 * whole) {
            for (int e = 0; e < x.length; e++) {
                x[e] /= Math.sqrt(rest);
            }
            basis.add(x);
            overlaps.add(overlap);
        }
    }

    /**
     * The sequence.
     *
     * @param bag its tokens
     * @param mixture how much of each there is
     */
    RecoveredSequence ordered(int[] bag, InputMixture mixture) {
        int length = Math.max(mixture.length(), bag.length);
        Matrix tokens = seen.seen(layer.tokenParts(bag));
        Matrix positions = seen.seen(layer.positionParts(0, length));
        double[][] inside = new double[bag.length][length];
        for (int t = 0; t < bag.length; t++) {
            for (int i = 0; i < length; i++) {
                inside[t][i] = -Math.log(outside(tokens, t, positions, i) + LEAST);
            }
        }
        int[] counts = new int[bag.length];
        Arrays.fill(counts, 1);
        counts = mixture.counts(Assignment.largest(values(inside, counts, mixture, 1)));
        int[] sequence = new int[length];
        int copies = Math.max(COPIES, 1 + length / bag.length);
        double[][] byPlace = transposed(values(inside, counts, mixture, copies));
        int[] chosen = Assignment.largest(byPlace);
        for (int i = 0; i < length; i++) {
            sequence[i] = bag[chosen[i] / copies];
        }
        return new RecoveredSequence(sequence, 0);
    }

    /** What it is worth to put a copy of a token at a place: tokens times copies in rows, places in columns. */
    private static double[][] values(double[][] inside, int[] counts, InputMixture mixture, int copies) {
        int length = inside[0].length;
        double[][] value = new double[inside.length * copies][length];
        for (int t = 0; t < inside.length; t++) {
            for (int i = 0; i < length; i++) {
                double weight = i < mixture.places().length ? mixture.places()[i] : 0;
                double off = counts[t] * weight / mixture.tokens()[t] - 1;
                for (int copy = 0; copy < copies; copy++) {
                    value[t * copies + copy][i] = inside[t][i]
                            - HINT * Math.min(1, off * off)
                            + (copy == 0 ? ONCE : copy < counts[t] ? 0 : -REPEAT);
                }
            }
        }
        return value;
    }

    private static double[][] transposed(double[][] value) {
        double[][] result = new double[value[0].length][value.length];
        for (int r = 0; r < value.length; r++) {
            for (int c = 0; c < result.length; c++) {
                result[c][r] = value[r][c];
            }
        }
        return result;
    }

    /** The expected part of an input outside the true span, 0 to 1; its part along the shift, which all inputs have, does not count. */
    private double outside(Matrix tokens, int token, Matrix positions, int position) {
        double[] x = new double[tokens.columns()];
        for (int e = 0; e < x.length; e++) {
            x[e] = (double) tokens.at(token, e) + positions.at(position, e);
        }
        double whole = product(x, x);
        double inside = 0;
        for (int k = 0; k < basis.size(); k++) {
            double along = product(basis.get(k), x);
            if (overlaps.get(k) == SHIFT) {
                whole -= along * along;
            } else {
                inside += overlaps.get(k) * along * along;
            }
        }
        return Math.max(0, 1 - inside / whole);
    }

    private static double product(double[] a, double[] b) {
        double sum = 0;
        for (int e = 0; e < a.length; e++) {
            sum += a[e] * b[e];
        }
        return sum;
    }
}
