package leakmark.attacks.dager;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import leakmark.attacks.GradientOracle;
import leakmark.attacks.Reconstruction.RecoveredSequence;
import leakmark.attacks.SharedGradient;
import leakmark.attacks.TokenBatch;
import leakmark.attacks.dager.Certifier.Solved;
import leakmark.attacks.model.BertNames;
import leakmark.attacks.model.Float64Layers;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.Tensor;
import leakmark.kernels.Matrix;
import leakmark.kernels.dense.DenseAlgebra;
import leakmark.kernels.dense.DenseAlgebra.Fit;
import org.apache.commons.numbers.gamma.Erf;

/**
 * What was masked, from the gradient of the masked-LM head: which tokens were to be predicted, and what they were.
 *
 * <p>With the last hidden states h_i of all tokens the gradient of the head's transform is {@code Σ h_iᵀ δ_i}, and δ_i is 0
 * where nothing was predicted: least squares tells where. There {@code n δ_i = J_i (Σ_v p_iv e_v − e_{y_i})} with n
 * predicted tokens, probabilities p_i, embeddings e, the target y_i and the derivative J_i of LayerNorm and GELU. The logit
 * bias' gradient {@code g = Σ (p_i − 1_{y_i})/n} says how often each target occurs; each goes where it fits δ best.
 */
final class MaskedTokenSolver {
    /** Rest of the least squares, relative to the gradient, that float32 hidden states explain. */
    private static final double EXPLAINED = 1e-3;

    private final GradientOracle oracle;

    MaskedTokenSolver(GradientOracle oracle) {
        this.oracle = oracle;
    }

    /** Sequences with their targets; without targets where the head's gradient does not tell them. */
    Solved solve(PublicModel model, SharedGradient gradient, List<RecoveredSequence> sequences) {
        Solved untold = new Solved(sequences, new int[sequences.size()]);
        int d = model.configuration().hiddenSize();
        int tokens = sequences.stream().mapToInt(s -> s.tokens().length).sum();
        if (tokens >= d || !gradient.has(BertNames.PREDICTION) || !gradient.has(BertNames.PREDICTION_LOGIT_BIAS)) {
            return untold;
        }
        double[] hidden = stacked(oracle.hiddenStates(model, untold.batch()), tokens * d);
        double[] transform = columns(gradient.get(BertNames.PREDICTION));
        Fit all = DenseAlgebra.fullRankLeastSquares(hidden.clone(), d, tokens, transform.clone(), d);
        int[] predicted = predicted(all.solution(), tokens, d);
        int n = predicted.length;
        double[] states = rows(hidden, predicted, d);
        Fit fit = DenseAlgebra.fullRankLeastSquares(states.clone(), d, n, transform, d);
        if (!(fit.relativeRest() <= EXPLAINED)) {
            return untold;
        }
        Predictions predictions = new Predictions(model, states, n);
        List<Integer> targets = predictions.targets(
                gradient.get(BertNames.PREDICTION_LOGIT_BIAS).data());
        if (targets.size() != n) {
            return untold;
        }
        return new Solved(
                sequences,
                new int[sequences.size()],
                placed(sequences, predicted, assigned(predictions, fit.solution(), targets)));
    }

    private static double[] stacked(List<Tensor> states, int size) {
        double[] result = new double[size];
        int at = 0;
        for (Tensor state : states) {
            for (float value : state.data()) {
                result[at++] = value;
            }
        }
        return result;
    }

    private static double[] columns(Tensor matrix) {
        return IntStream.range(0, matrix.data().length)
                .mapToDouble(i -> matrix.data()[i % matrix.rows() * matrix.columns() + i / matrix.rows()])
                .toArray();
    }

    private static double[] rows(double[] matrix, int[] rows, int d) {
        double[] result = new double[rows.length * d];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(matrix, rows[i] * d, result, i * d, d);
        }
        return result;
    }

    /** Rows of Δ (column-major) before the widest fall of their norms, ascending. */
    private static int[] predicted(double[] delta, int tokens, int d) {
        double[] norms = new double[tokens];
        for (int c = 0; c < d; c++) {
            for (int i = 0; i < tokens; i++) {
                norms[i] += delta[c * tokens + i] * delta[c * tokens + i];
            }
        }
        int[] falling = IntStream.range(0, tokens)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> norms[i]).reversed())
                .mapToInt(i -> i)
                .toArray();
        int edge = 0;
        double widest = 0;
        for (int i = 0; i + 1 < tokens; i++) {
            double fall = norms[falling[i]] / norms[falling[i + 1]];
            if (fall > widest) {
                widest = fall;
                edge = i;
            }
        }
        return IntStream.of(falling).limit(edge + 1).sorted().toArray();
    }

    /** The best pair of place and target first, until all places have one. */
    private static int[] assigned(Predictions predictions, double[] delta, List<Integer> targets) {
        int n = targets.size();
        double[][] rest = new double[n][];
        for (int i = 0; i < n; i++) {
            rest[i] = predictions.rests(i, delta, targets);
        }
        int[] result = new int[n];
        Arrays.fill(result, TokenBatch.NO_TARGET);
        boolean[] taken = new boolean[n];
        IntStream.range(0, n * n)
                .boxed()
                .sorted(Comparator.comparingDouble(pair -> rest[pair / n][pair % n]))
                .forEach(pair -> {
                    if (result[pair / n] == TokenBatch.NO_TARGET && !taken[pair % n]) {
                        result[pair / n] = targets.get(pair % n);
                        taken[pair % n] = true;
                    }
                });
        return result;
    }

    private static List<int[]> placed(List<RecoveredSequence> sequences, int[] predicted, int[] targets) {
        List<int[]> result = new ArrayList<>();
        int start = 0;
        int next = 0;
        for (RecoveredSequence sequence : sequences) {
            int[] row = new int[sequence.tokens().length];
            Arrays.fill(row, TokenBatch.NO_TARGET);
            for (; next < predicted.length && predicted[next] < start + row.length; next++) {
                row[predicted[next] - start] = targets[next];
            }
            result.add(row);
            start += row.length;
        }
        return result;
    }

    /** The head's forward pass on the predicted tokens, and its derivative. */
    private static final class Predictions {
        private final int n;
        private final int d;
        private final Matrix embedding;
        private final float[] scale;
        private final double[] slope;
        private final double[] normed;
        private final double[] inverse;
        private final double[] counts;
        private final Matrix expected;

        Predictions(PublicModel model, double[] states, int n) {
            this.n = n;
            this.d = model.configuration().hiddenSize();
            Tensor table = model.weight(BertNames.TOKEN_EMBEDDING);
            this.embedding = new Matrix(table.rows(), d, table.data());
            this.scale = model.weight(BertNames.PREDICTION_NORM_SCALE).data();
            double[] z = new Float64Layers(model).linear(states, n, BertNames.PREDICTION, BertNames.PREDICTION_BIAS);
            this.slope = new double[z.length];
            double[] active = new double[z.length];
            for (int i = 0; i < z.length; i++) {
                double mass = (1 + Erf.value(z[i] / Math.sqrt(2))) / 2;
                active[i] = z[i] * mass;
                slope[i] = mass + z[i] * Math.exp(-z[i] * z[i] / 2) / Math.sqrt(2 * Math.PI);
            }
            this.normed = new double[z.length];
            this.inverse = new double[n];
            normalise(active, model.configuration().layerNormEpsilon());
            float[] bias = model.weight(BertNames.PREDICTION_LOGIT_BIAS).data();
            float[] shift = model.weight(BertNames.PREDICTION_NORM_SHIFT).data();
            Matrix probabilities = DenseAlgebra.multiplyTransposed(output(shift), embedding);
            this.counts = new double[bias.length];
            softmax(probabilities, bias);
            this.expected = DenseAlgebra.multiply(probabilities, embedding);
        }

        private void normalise(double[] x, double epsilon) {
            for (int i = 0; i < n; i++) {
                double mean = 0;
                double square = 0;
                for (int e = 0; e < d; e++) {
                    mean += x[i * d + e] / d;
                }
                for (int e = 0; e < d; e++) {
                    square += (x[i * d + e] - mean) * (x[i * d + e] - mean) / d;
                }
                inverse[i] = 1 / Math.sqrt(square + epsilon);
                for (int e = 0; e < d; e++) {
                    normed[i * d + e] = (x[i * d + e] - mean) * inverse[i];
                }
            }
        }

        private Matrix output(float[] shift) {
            Matrix result = Matrix.zeros(n, d);
            for (int i = 0; i < normed.length; i++) {
                result.data()[i] = (float) (normed[i] * scale[i % d] + shift[i % d]);
            }
            return result;
        }

        /** Logits without bias to probabilities, in place; sums them over the predicted tokens. */
        private void softmax(Matrix logits, float[] bias) {
            int classes = bias.length;
            float[] values = logits.data();
            for (int i = 0; i < n; i++) {
                double largest = Double.NEGATIVE_INFINITY;
                for (int v = 0; v < classes; v++) {
                    largest = Math.max(largest, (double) values[i * classes + v] + bias[v]);
                }
                double sum = 0;
                for (int v = 0; v < classes; v++) {
                    sum += Math.exp((double) values[i * classes + v] + bias[v] - largest);
                }
                for (int v = 0; v < classes; v++) {
                    double p = Math.exp((double) values[i * classes + v] + bias[v] - largest) / sum;
                    values[i * classes + v] = (float) p;
                    counts[v] += p;
                }
            }
        }

        /** The targets, each as often as it occurs. */
        List<Integer> targets(float[] biasGradient) {
            List<Integer> targets = new ArrayList<>();
            for (int v = 0; v < counts.length; v++) {
                long times = Math.round(counts[v] - (double) n * biasGradient[v]);
                for (long k = 0; k < times && targets.size() <= n; k++) {
                    targets.add(v);
                }
            }
            return targets;
        }

        /** {@code ‖n δ_i − J_i (Σ p_iv e_v − e_y)‖²} for every target y; Δ is column-major. */
        double[] rests(int i, double[] delta, List<Integer> targets) {
            double[] result = new double[targets.size()];
            for (int t = 0; t < result.length; t++) {
                double[] upstream = new double[d];
                double mean = 0;
                double along = 0;
                for (int e = 0; e < d; e++) {
                    upstream[e] = scale[e] * ((double) expected.at(i, e) - embedding.at(targets.get(t), e));
                    mean += upstream[e] / d;
                    along += upstream[e] * normed[i * d + e] / d;
                }
                for (int e = 0; e < d; e++) {
                    double back = slope[i * d + e] * inverse[i] * (upstream[e] - mean - normed[i * d + e] * along);
                    double rest = n * delta[e * n + i] - back;
                    result[t] += rest * rest;
                }
            }
            return result;
        }
    }
}
