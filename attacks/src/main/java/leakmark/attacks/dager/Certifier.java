package leakmark.attacks.dager;

import java.util.List;
import java.util.Map;
import leakmark.attacks.GradientOracle;
import leakmark.attacks.Reconstruction;
import leakmark.attacks.Reconstruction.RecoveredSequence;
import leakmark.attacks.SharedGradient;
import leakmark.attacks.Task;
import leakmark.attacks.TokenBatch;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.Tensor;

/**
 * Certifies reconstructions without the truth: puts the recovered batch through the whole model, with labels solved for,
 * and compares its gradient with the shared one, parameter by parameter.
 */
public final class Certifier {
    /**
     * Relative error that float32 explains: the same gradient summed in another order differs by 3e-7 (12 layers), other
     * software adds some; one wrong token of 600 makes 1e-2 and more.
     */
    private static final double TOLERANCE = 1e-4;

    private final GradientOracle oracle;

    public Certifier(GradientOracle oracle) {
        this.oracle = oracle;
    }

    /** Solves for labels (classification), last tokens (next-token) or what was masked, recomputes the gradient, compares. */
    public Certificate certify(PublicModel model, SharedGradient gradient, Reconstruction reconstruction) {
        long start = System.nanoTime();
        if (reconstruction.sequences().isEmpty()) {
            return new Certificate(reconstruction, new int[0], List.of(), 1, TOLERANCE, false, 0);
        }
        Solved solved = solved(model, gradient, reconstruction.sequences());
        boolean untold = gradient.task() == Task.MASKED_LM && solved.targets().isEmpty();
        double error = untold ? 1 : relativeError(model, gradient, solved);
        Reconstruction completed = new Reconstruction(
                solved.sequences(),
                reconstruction.secondsByStage(),
                reconstruction.capacity(),
                reconstruction.unplaced(),
                reconstruction.limits(),
                reconstruction.counters());
        double seconds = (System.nanoTime() - start) * 1e-9;
        return new Certificate(
                completed, solved.labels(), solved.targets(), error, TOLERANCE, error <= TOLERANCE, seconds);
    }

    private Solved solved(PublicModel model, SharedGradient gradient, List<RecoveredSequence> sequences) {
        return switch (gradient.task()) {
            case CLASSIFICATION -> new LabelSolver(oracle).solve(model, gradient, sequences);
            case NEXT_TOKEN -> new LastTokenSolver(oracle).solve(model, gradient, sequences);
            case MASKED_LM -> new MaskedTokenSolver(oracle).solve(model, gradient, sequences);
        };
    }

    /**
     * A batch that could be the client's.
     *
     * @param sequences sequences, repeated as often as the batch holds them
     * @param labels a class for each; zeros where the task has none
     * @param targets as in {@link TokenBatch}; empty where the task has none
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Solved(List<RecoveredSequence> sequences, int[] labels, List<int[]> targets) {
        Solved(List<RecoveredSequence> sequences, int[] labels) {
            this(sequences, labels, List.of());
        }

        TokenBatch batch() {
            return new TokenBatch(
                    sequences.stream().map(RecoveredSequence::tokens).toList(),
                    sequences.stream().mapToInt(RecoveredSequence::offset).toArray(),
                    labels,
                    targets);
        }
    }

    private double relativeError(PublicModel model, SharedGradient gradient, Solved solved) {
        SharedGradient own = new SharedGradient(
                gradient.task(),
                oracle.gradient(
                        model,
                        gradient.task(),
                        solved.batch(),
                        gradient.tensors().keySet()));
        double worst = 0;
        for (Map.Entry<String, Tensor> shared : gradient.tensors().entrySet()) {
            float[] g = shared.getValue().data();
            float[] h = own.get(shared.getKey()).data();
            double difference = 0;
            double norm = 0;
            for (int i = 0; i < g.length; i++) {
                difference += ((double) g[i] - h[i]) * ((double) g[i] - h[i]);
                norm += (double) g[i] * g[i];
            }
            double error = Math.sqrt(difference / norm);
            // Not a number counts as wrong.
            worst = error <= worst ? worst : error;
        }
        return worst;
    }
}
