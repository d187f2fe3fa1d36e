package leakmark.attacks.encoder;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import leakmark.attacks.GradientOracle;
import leakmark.attacks.Reconstruction.RecoveredSequence;
import leakmark.attacks.Task;
import leakmark.attacks.TokenBatch;
import leakmark.attacks.dager.NormalisedEmbeddings;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.Tensor;
import leakmark.kernels.Matrix;
import leakmark.kernels.dense.SmallLeastSquares;

/**
 * Takes the part of known sequences out of the tokens' gradients, and finds the sequences that are not what they seem.
 *
 * <p>With logits' gradient p − 1_y a sequence's part is linear in C − 1 unknown numbers (C classes): {@code A_{s,t} = Σ_c α_{s,c}
 * J_{s,c,t}} with J_c the model's own token gradients for label c, c &lt; C − 1. A token that stands in no other sequence of the
 * batch gives them: there {@code a_t = A_{s,t}}, to rounding. So it certifies its sequence too, since J depends on every
 * token of it through the whole model.
 */
final class Peeling {
    /**
     * Rest of a token's gradient that rounding explains. Measured: float32 leaves 1e-5 to 1e-3, a sequence with one wrong
     * token 0.05 and more.
     */
    static final double EXPLAINED = 1e-2;

    /**
     * What is left of a token's gradient when all its sequences are peeled. Measured: under 3e-5; one sequence of 32 left in a
     * token of all of them 1e-2.
     */
    static final double NOTHING = 5e-4;

    /** Under this it is certainly noise; in between a token may have a small part in a sequence that is left. */
    static final double NOISE = 5e-5;

    private final PublicModel model;
    private final NormalisedEmbeddings embeddings;
    private final GradientOracle oracle;
    private final int[] tokens;

    /** @param tokens the candidates: rows of {@link TokenGradients} */
    Peeling(PublicModel model, NormalisedEmbeddings embeddings, GradientOracle oracle, int[] tokens) {
        this.model = model;
        this.embeddings = embeddings;
        this.oracle = oracle;
        this.tokens = tokens;
    }

    /**
     * Subtracts the sequences that some token of theirs certifies.
     *
     * @return for each whether it was certified and subtracted
     */
    boolean[] subtract(TokenGradients gradients, List<RecoveredSequence> sequences) {
        int classes = Math.max(1, model.configuration().labels() - 1);
        List<List<Tensor>> byLabel = new ArrayList<>();
        for (int c = 0; c < classes; c++) {
            int[] labels = new int[sequences.size()];
            Arrays.fill(labels, c);
            byLabel.add(oracle.tokenGradients(
                    model,
                    Task.CLASSIFICATION,
                    new TokenBatch(
                            sequences.stream().map(RecoveredSequence::tokens).toList(),
                            sequences.stream()
                                    .mapToInt(RecoveredSequence::offset)
                                    .toArray(),
                            labels)));
        }
        boolean[] certified = new boolean[sequences.size()];
        List<Map<Integer, double[]>> parts = new ArrayList<>();
        for (int s = 0; s < sequences.size(); s++) {
            int index = s;
            Map<Integer, double[][]> own = parts(
                    sequences.get(s),
                    byLabel.stream().map(states -> states.get(index)).toList());
            double[] factors = factors(gradients, own);
            certified[s] = factors.length > 0;
            if (certified[s]) {
                Map<Integer, double[]> part = new TreeMap<>();
                own.forEach((row, columns) -> part.put(row, combined(columns, factors)));
                parts.add(part);
            }
        }
        // All at once and at the end: a token certifies its sequence by its whole gradient.
        for (Map<Integer, double[]> part : parts) {
            part.forEach((row, x) -> gradients.subtract(row, 1, x));
        }
        return certified;
    }

    /** J_{s,c,t}/σ of a sequence's tokens, summed over a token's places; rows of the candidates to classes × 2d. */
    private Map<Integer, double[][]> parts(RecoveredSequence sequence, List<Tensor> byLabel) {
        int[] ids = sequence.tokens();
        int offset = sequence.offset();
        Matrix inverseSigma = embeddings.inverseSigma(ids, offset + ids.length);
        Map<Integer, double[][]> result = new TreeMap<>();
        for (int i = 0; i < ids.length; i++) {
            int row = Arrays.binarySearch(tokens, ids[i]);
            for (int c = 0; c < byLabel.size(); c++) {
                Tensor states = byLabel.get(c);
                int width = states.columns();
                double[] sum = result.computeIfAbsent(row, r -> new double[byLabel.size()][width])[c];
                for (int e = 0; e < width; e++) {
                    sum[e] += (double) inverseSigma.at(i, offset + i) * states.data()[i * width + e];
                }
            }
        }
        return result;
    }

    /** α of the token that they explain best; empty if they explain none. */
    private static double[] factors(TokenGradients gradients, Map<Integer, double[][]> own) {
        double least = EXPLAINED;
        double[] best = new double[0];
        for (Map.Entry<Integer, double[][]> entry : own.entrySet()) {
            double[] a = gradients.gradient(entry.getKey());
            int width = a.length;
            int classes = entry.getValue().length;
            double[] columns = new double[classes * width];
            for (int c = 0; c < classes; c++) {
                System.arraycopy(entry.getValue()[c], 0, columns, c * width, width);
            }
            double whole = norm(a, 0);
            double[] solution = SmallLeastSquares.solve(columns, width, classes, a, 1);
            double rest = norm(a, classes) / whole;
            if (rest < least) {
                least = rest;
                best = solution;
            }
        }
        return best;
    }

    private static double norm(double[] x, int from) {
        double squares = 0;
        for (int i = from; i < x.length; i++) {
            squares += x[i] * x[i];
        }
        return Math.sqrt(squares);
    }

    private static double[] combined(double[][] columns, double[] factors) {
        double[] result = new double[columns[0].length];
        for (int c = 0; c < columns.length; c++) {
            for (int e = 0; e < result.length; e++) {
                result[e] += factors[c] * columns[c][e];
            }
        }
        return result;
    }
}
