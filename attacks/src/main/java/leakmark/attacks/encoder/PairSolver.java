package leakmark.attacks.encoder;

import java.util.Arrays;
import leakmark.attacks.encoder.PairFilter.Pairs;
import leakmark.kernels.Matrix;
import leakmark.kernels.SupportRecovery;
import leakmark.kernels.SupportRecovery.Dictionary;
import leakmark.kernels.SupportRecovery.Problem;
import leakmark.kernels.SupportRecovery.Schedule;
import org.jspecify.annotations.Nullable;

/**
 * A sequence from the gradient of one of its tokens, over pairs of token and position: half the unknowns of {@link BagSolver}, so
 * twice its length, and the support is in order by itself.
 */
final class PairSolver implements SequenceSolver {
    private static final Schedule SCHEDULE = new Schedule(25, 0.95, 1, 0.56, 1e-9, 1e-11);

    /** A position's pair must outweigh its next by so much; members and others differ by 100 and more. */
    private static final double NARROWEST = 4;

    private static final int FEWEST = 3;

    private final TokenGradients gradients;
    private final SupportRecovery kernel;
    private final Pairs pairs;
    private final Dictionary dictionary;

    PairSolver(TokenGradients gradients, Pairs pairs, Matrix inverseSigma, SupportRecovery kernel) {
        this.gradients = gradients;
        this.kernel = kernel;
        this.pairs = pairs;
        this.dictionary = gradients.pairDictionary(pairs, inverseSigma);
    }

    @Override
    public @Nullable Proposal[] propose(int[] seeds) {
        double[] ones = new double[dictionary.atoms()];
        Arrays.fill(ones, 1);
        Problem[] problems = new Problem[seeds.length];
        for (int i = 0; i < seeds.length; i++) {
            problems[i] = new Problem(1, gradients.vector(seeds[i], dictionary.equations()), ones);
        }
        double[][] norms = kernel.groupNorms(dictionary, problems, SCHEDULE);
        @Nullable Proposal[] result = new Proposal[seeds.length];
        for (int i = 0; i < seeds.length; i++) {
            result[i] = read(norms[i]);
        }
        return result;
    }

    private @Nullable Proposal read(double[] norms) {
        double cut = Support.cut(norms, dictionary.equations(), NARROWEST);
        int[] rows = new int[gradients.positions()];
        Arrays.fill(rows, -1);
        for (int a = 0; a < norms.length; a++) {
            if (norms[a] > cut) {
                int position = pairs.positions()[a];
                if (rows[position] >= 0) {
                    return null;
                }
                rows[position] = pairs.rows()[a];
            }
        }
        int first = 0;
        while (first < rows.length && rows[first] < 0) {
            first++;
        }
        int end = first;
        while (end < rows.length && rows[end] >= 0) {
            end++;
        }
        for (int i = end; i < rows.length; i++) {
            if (rows[i] >= 0) {
                return null;
            }
        }
        return end - first < FEWEST ? null : new Proposal(Arrays.copyOfRange(rows, first, end), first, 0);
    }
}
