package leakmark.attacks.dager;

import static leakmark.attacks.model.ParameterNames.FINAL_NORM_SCALE;
import static leakmark.attacks.model.ParameterNames.FINAL_NORM_SHIFT;
import static leakmark.attacks.model.ParameterNames.TOKEN_EMBEDDING;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import leakmark.attacks.GradientOracle;
import leakmark.attacks.Reconstruction.RecoveredSequence;
import leakmark.attacks.SharedGradient;
import leakmark.attacks.Task;
import leakmark.attacks.dager.Certifier.Solved;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.Tensor;
import leakmark.kernels.Matrix;
import leakmark.kernels.dense.DenseAlgebra;

/**
 * Last tokens under a next-token loss. A sequence's last token feeds no loss, so no span shows it; but it is the label of the
 * token before it, and a label y of a position with normalised state ĥ adds {@code −e_y/M} to the gradient of the last
 * LayerNorm's shift and {@code −ĥ∘e_y/M} to that of its scale (e_y: embedding, M: predicted tokens of the batch).
 *
 * <p>With any guess in the last places, the difference to the shared gradient is therefore linear in 2d equations: a sum of
 * one atom (e_v, ĥ_s∘e_v) per sequence. Matching pursuit takes the surest half of the sequences first, then exchanges single
 * tokens and swaps pairs while that shortens the rest.
 */
final class LastTokenSolver {
    private static final int EXCHANGES = 8;

    private final GradientOracle oracle;

    LastTokenSolver(GradientOracle oracle) {
        this.oracle = oracle;
    }

    /** Sequences with a last token added to each; unchanged where the LayerNorm's gradient was not shared. */
    Solved solve(PublicModel model, SharedGradient gradient, List<RecoveredSequence> sequences) {
        int n = sequences.size();
        if (!gradient.has(FINAL_NORM_SCALE) || !gradient.has(FINAL_NORM_SHIFT)) {
            return new Solved(sequences, new int[n]);
        }
        Solved guess = new Solved(extended(sequences, new int[n]), new int[n]);
        SharedGradient own = new SharedGradient(
                Task.NEXT_TOKEN,
                oracle.gradient(model, Task.NEXT_TOKEN, guess.batch(), Set.of(FINAL_NORM_SCALE, FINAL_NORM_SHIFT)));
        Pursuit pursuit = new Pursuit(model, normalisedStates(model, sequences));
        int predicted = sequences.stream().mapToInt(s -> s.tokens().length).sum();
        pursuit.target(
                difference(own.get(FINAL_NORM_SHIFT), gradient.get(FINAL_NORM_SHIFT), predicted),
                difference(own.get(FINAL_NORM_SCALE), gradient.get(FINAL_NORM_SCALE), predicted));
        for (int s = 0; s < n; s++) {
            pursuit.add(s, 0, 1);
        }
        return new Solved(extended(sequences, pursuit.tokens()), new int[n]);
    }

    private static List<RecoveredSequence> extended(List<RecoveredSequence> sequences, int[] last) {
        List<RecoveredSequence> result = new ArrayList<>();
        for (int s = 0; s < last.length; s++) {
            int[] tokens = sequences.get(s).tokens();
            int[] longer = Arrays.copyOf(tokens, tokens.length + 1);
            longer[tokens.length] = last[s];
            result.add(new RecoveredSequence(longer, sequences.get(s).offset()));
        }
        return result;
    }

    private static double[] difference(Tensor own, Tensor shared, int predicted) {
        double[] result = new double[own.data().length];
        for (int e = 0; e < result.length; e++) {
            result[e] = predicted * ((double) own.data()[e] - shared.data()[e]);
        }
        return result;
    }

    /** ĥ of each sequence's last recovered token, {@code (h − β)/γ}. */
    private double[][] normalisedStates(PublicModel model, List<RecoveredSequence> sequences) {
        float[] scale = model.weight(FINAL_NORM_SCALE).data();
        float[] shift = model.weight(FINAL_NORM_SHIFT).data();
        int d = scale.length;
        List<Tensor> states = oracle.hiddenStates(model, new Solved(sequences, new int[sequences.size()]).batch());
        double[][] result = new double[states.size()][d];
        for (int s = 0; s < result.length; s++) {
            Tensor state = states.get(s);
            for (int e = 0; e < d; e++) {
                result[s][e] = ((double) state.data()[(state.rows() - 1) * d + e] - shift[e]) / scale[e];
            }
        }
        return result;
    }

    /** The sparse problem: one atom per sequence, chosen so that their sum is the target. */
    private static final class Pursuit {
        private final Matrix table;
        private final double[][] states;
        private final int d;
        private double[] restShift = new double[0];
        private double[] restScale = new double[0];

        Pursuit(PublicModel model, double[][] states) {
            Tensor embedding = model.weight(TOKEN_EMBEDDING);
            this.table = new Matrix(embedding.rows(), embedding.columns(), embedding.data());
            this.states = states;
            this.d = embedding.columns();
        }

        void target(double[] shift, double[] scale) {
            restShift = shift;
            restScale = scale;
        }

        /** Adds {@code factor} times an atom to the rest. */
        void add(int sequence, int token, double factor) {
            for (int e = 0; e < d; e++) {
                double x = factor * table.at(token, e);
                restShift[e] += x;
                restScale[e] += x * states[sequence][e];
            }
        }

        int[] tokens() {
            int[] chosen = new int[states.length];
            Arrays.fill(chosen, -1);
            for (int open = states.length; open > 0; ) {
                List<Choice> choices = new ArrayList<>(best(chosen, false));
                choices.sort(Comparator.comparingDouble(Choice::gain).reversed());
                int take = (open + 1) / 2;
                for (Choice choice : choices.subList(0, take)) {
                    chosen[choice.sequence] = choice.token;
                    add(choice.sequence, choice.token, -1);
                }
                open -= take;
            }
            boolean changed = true;
            for (int round = 0; round < EXCHANGES && changed; round++) {
                boolean exchanged = exchange(chosen);
                boolean swapped = swap(chosen);
                changed = exchanged || swapped;
            }
            return chosen;
        }

        /** Gives single sequences a better token; true if any got one. */
        private boolean exchange(int[] chosen) {
            boolean changed = false;
            for (Choice choice : best(chosen, true)) {
                int s = choice.sequence;
                int old = chosen[s];
                if (choice.token != old && shorter(s, old, choice.token, s, old, old)) {
                    chosen[s] = choice.token;
                    changed = true;
                }
            }
            return changed;
        }

        /** Lets pairs of sequences swap tokens: states of last tokens are alike, and the surest half may have mixed them up. */
        private boolean swap(int[] chosen) {
            boolean changed = false;
            for (int s = 0; s < chosen.length; s++) {
                for (int t = 0; t < s; t++) {
                    int a = chosen[s];
                    int b = chosen[t];
                    if (a != b && shorter(s, a, b, t, b, a)) {
                        chosen[s] = b;
                        chosen[t] = a;
                        changed = true;
                    }
                }
            }
            return changed;
        }

        /** Replaces tokens of one or two sequences if that shortens the rest, and says whether it did. */
        private boolean shorter(int s, int oldS, int newS, int t, int oldT, int newT) {
            double before = rest();
            add(s, oldS, 1);
            add(s, newS, -1);
            add(t, oldT, 1);
            add(t, newT, -1);
            if (rest() < before) {
                return true;
            }
            add(s, newS, 1);
            add(s, oldS, -1);
            add(t, newT, 1);
            add(t, oldT, -1);
            return false;
        }

        /** A sequence's best token and by how much it shortens the squared rest. */
        private record Choice(int sequence, int token, double gain) {}

        /** Best tokens of the open sequences, or of all with their own atom given back. */
        private List<Choice> best(int[] chosen, boolean exchange) {
            int[] asked = java.util.stream.IntStream.range(0, chosen.length)
                    .filter(s -> exchange || chosen[s] < 0)
                    .toArray();
            Matrix directions = Matrix.zeros(d, asked.length);
            double[][] squares = new double[asked.length][d];
            for (int a = 0; a < asked.length; a++) {
                double[] state = states[asked[a]];
                for (int e = 0; e < d; e++) {
                    double own = exchange ? table.at(chosen[asked[a]], e) : 0;
                    squares[a][e] = 1 + state[e] * state[e];
                    directions.data()[e * asked.length + a] =
                            (float) (restShift[e] + state[e] * restScale[e] + squares[a][e] * own);
                }
            }
            Matrix products = DenseAlgebra.multiply(table, directions);
            Choice[] best = new Choice[asked.length];
            java.util.stream.IntStream.range(0, asked.length).parallel().forEach(a -> {
                int token = 0;
                double gain = Double.NEGATIVE_INFINITY;
                for (int v = 0; v < table.rows(); v++) {
                    // An atom's length is only looked at where the product alone could win.
                    double product = 2 * products.at(v, a);
                    if (product > gain) {
                        double g = product - length(v, squares[a]);
                        if (g > gain) {
                            gain = g;
                            token = v;
                        }
                    }
                }
                best[a] = new Choice(asked[a], token, gain);
            });
            return List.of(best);
        }

        private double length(int token, double[] squares) {
            double sum = 0;
            for (int e = 0; e < d; e++) {
                double x = table.at(token, e);
                sum += x * x * squares[e];
            }
            return sum;
        }

        private double rest() {
            double sum = 0;
            for (int e = 0; e < d; e++) {
                sum += restShift[e] * restShift[e] + restScale[e] * restScale[e];
            }
            return sum;
        }
    }
}
