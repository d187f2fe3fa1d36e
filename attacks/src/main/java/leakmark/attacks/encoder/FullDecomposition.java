package leakmark.attacks.encoder;

import java.util.Arrays;
import leakmark.kernels.HostRowSpace;
import leakmark.kernels.Matrix;
import leakmark.kernels.Orthonormal;
import leakmark.kernels.RankDecision;
import leakmark.kernels.RankGap;
import leakmark.kernels.RowSpace;
import leakmark.kernels.dense.DenseAlgebra;
import leakmark.kernels.dense.DenseAlgebra.Singular;

/**
 * The row space by all singular values of a gradient, where a sample of columns shows no gap. A sample of c columns shortens the
 * k weakest signal directions by up to {@code 1 − √(k/c)} and noise hardly: a twelvefold gap behind 324 inputs of BERT's
 * width was under eightfold in 384 columns. Costs 22·d³ FLOP and more, under a second at d = 768.
 */
final class FullDecomposition {
    /** The last values of a full spectrum are far apart by chance. */
    private static final int CHANCE = 8;

    private FullDecomposition() {}

    /** Decides, and adds rows of length d to the span. */
    static RowSpace of(Matrix gradient, float[]... append) {
        int d = gradient.rows();
        int s = Math.min(d, gradient.columns());
        Singular singular = DenseAlgebra.singular(gradient);
        double[] values = Arrays.copyOf(singular.relative(), Math.max(0, s - CHANCE));
        RankDecision gap = RankGap.decideOnAll(values);
        RankDecision decision = gap.hasGap() ? perColumn(gap, values, s) : gap;
        double[] basis = Arrays.copyOf(singular.left(), Math.max(decision.rank(), 0) * d);
        return new HostRowSpace(d, decision, Orthonormal.append(basis, d, append));
    }

    /** A column's part, as pivots have it, so that noise to signal means the same in all ways to decide. */
    private static RankDecision perColumn(RankDecision gap, double[] values, int s) {
        double rest = 0;
        for (int i = gap.rank(); i < values.length; i++) {
            rest += values[i] * values[i];
        }
        return new RankDecision(gap.rank(), gap.lastKept() / Math.sqrt(s), Math.sqrt(rest / s), RankGap.FLOAT32_NOISE);
    }
}
