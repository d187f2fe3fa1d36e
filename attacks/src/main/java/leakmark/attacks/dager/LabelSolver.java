package leakmark.attacks.dager;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import leakmark.attacks.GradientOracle;
import leakmark.attacks.Reconstruction.RecoveredSequence;
import leakmark.attacks.SharedGradient;
import leakmark.attacks.TokenBatch;
import leakmark.attacks.dager.Certifier.Solved;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.Tensor;
import leakmark.kernels.dense.DenseAlgebra;

/**
 * Labels, multiplicities and hidden ends from the gradient of the classification head.
 *
 * <p>With last hidden states h_s, probabilities p_s and labels y_s the head's gradient is {@code G = Σ_s h_sᵀ m_s (p_s −
 * 1_{y_s})/N}: least squares for the coefficients gives the label (the one negative entry) and the weight m_s/N. A sequence that
 * is a prefix of another never ends in the search; where the leaves leave a rest, every prefix is tried as an end.
 */
final class LabelSolver {
    /** Rest of the least squares, relative to the gradient, that float32 hidden states explain. */
    private static final double EXPLAINED = 1e-3;
    /** Under this part of the typical weight, and above noise, lies nothing: weights are whole numbers of 1/N. */
    private static final double WEIGHTLESS = 1.0 / 3;

    private final GradientOracle oracle;

    LabelSolver(GradientOracle oracle) {
        this.oracle = oracle;
    }

    /** A possible end: the first {@code length} tokens of a sequence, and the hidden state there. */
    private record End(RecoveredSequence sequence, int length, double[] hidden) {
        RecoveredSequence prefix() {
            return new RecoveredSequence(Arrays.copyOf(sequence.tokens(), length), sequence.offset());
        }
    }

    private record Fit(double[] coefficients, double rest) {}

    Solved solve(PublicModel model, SharedGradient gradient, List<RecoveredSequence> sequences) {
        TokenBatch batch = new Solved(sequences, new int[sequences.size()]).batch();
        List<Tensor> hidden = oracle.hiddenStates(model, batch);
        Head head = Head.of(model);
        Tensor g = gradient.get(head.name());
        List<End> leaves = new ArrayList<>();
        List<End> all = new ArrayList<>();
        for (int s = 0; s < sequences.size(); s++) {
            int length = sequences.get(s).tokens().length;
            for (int n = head.readsFirst() ? length : 1; n <= length; n++) {
                End end = new End(sequences.get(s), n, head.input(row(hidden.get(s), head.readsFirst() ? 0 : n - 1)));
                all.add(end);
                if (n == length) {
                    leaves.add(end);
                }
            }
        }
        List<End> ends = leaves;
        Fit fit = fit(ends, g);
        if (fit.rest > EXPLAINED && all.size() < g.rows()) {
            Fit wider = fit(all, g);
            if (wider.rest <= EXPLAINED) {
                ends = weighty(all, wider, g.columns(), leaves.size());
                fit = fit(ends, g);
            }
        }
        return labelled(ends, fit, head);
    }

    private static double[] row(Tensor matrix, int row) {
        double[] result = new double[matrix.columns()];
        for (int e = 0; e < result.length; e++) {
            result[e] = matrix.data()[row * result.length + e];
        }
        return result;
    }

    private static Fit fit(List<End> ends, Tensor g) {
        int d = g.rows();
        int classes = g.columns();
        double[] a = new double[d * ends.size()];
        for (int s = 0; s < ends.size(); s++) {
            System.arraycopy(ends.get(s).hidden, 0, a, s * d, d);
        }
        double[] b = new double[d * classes];
        double norm = 0;
        for (int c = 0; c < classes; c++) {
            for (int e = 0; e < d; e++) {
                b[c * d + e] = g.data()[e * classes + c];
                norm += b[c * d + e] * b[c * d + e];
            }
        }
        double[] x = DenseAlgebra.leastSquares(a.clone(), d, ends.size(), b, classes);
        double rest = 0;
        for (int c = 0; c < classes; c++) {
            for (int e = 0; e < d; e++) {
                double left = b[c * d + e];
                for (int s = 0; s < ends.size(); s++) {
                    left -= a[s * d + e] * x[c * ends.size() + s];
                }
                rest += left * left;
            }
        }
        return new Fit(x, Math.sqrt(rest / norm));
    }

    /** Ends that carry weight: at least a tenth of what one of the leaves would. */
    private static List<End> weighty(List<End> all, Fit fit, int classes, int leaves) {
        List<End> result = new ArrayList<>();
        for (int s = 0; s < all.size(); s++) {
            double largest = 0;
            for (int c = 0; c < classes; c++) {
                largest = Math.max(largest, Math.abs(fit.coefficients[c * all.size() + s]));
            }
            if (largest > 0.1 / leaves / classes) {
                result.add(all.get(s));
            }
        }
        return result;
    }

    private static Solved labelled(List<End> ends, Fit fit, Head head) {
        int n = ends.size();
        int classes = head.weights().columns();
        int[] labels = new int[n];
        double[] weights = new double[n];
        for (int s = 0; s < n; s++) {
            for (int c = 1; c < classes; c++) {
                if (fit.coefficients[c * n + s] < fit.coefficients[labels[s] * n + s]) {
                    labels[s] = c;
                }
            }
            // The label's entry is m (p_y − 1)/N.
            weights[s] = -fit.coefficients[labels[s] * n + s] / (1 - head.probability(ends.get(s).hidden, labels[s]));
        }
        double typical = Arrays.stream(weights).sorted().toArray()[n / 2];
        double least = Arrays.stream(weights)
                .filter(w -> w > WEIGHTLESS * typical)
                .min()
                .orElse(1);
        List<RecoveredSequence> sequences = new ArrayList<>();
        List<Integer> repeated = new ArrayList<>();
        for (int s = 0; s < n; s++) {
            // No weight: not in the batch. A sequence that the batch holds twice weighs twice as much as one it holds
            // once. Where a sequence is missing the others' weights make up for it, and say nothing.
            long times =
                    fit.rest > EXPLAINED ? 1 : weights[s] > WEIGHTLESS * typical ? Math.round(weights[s] / least) : 0;
            for (int i = 0; i < times; i++) {
                sequences.add(ends.get(s).prefix());
                repeated.add(labels[s]);
            }
        }
        return new Solved(sequences, repeated.stream().mapToInt(label -> label).toArray());
    }
}
