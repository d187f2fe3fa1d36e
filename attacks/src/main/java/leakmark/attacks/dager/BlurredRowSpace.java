package leakmark.attacks.dager;

import java.util.Arrays;
import leakmark.attacks.model.Tensor;
import leakmark.kernels.HostRowSpace;
import leakmark.kernels.Matrix;
import leakmark.kernels.Orthonormal;
import leakmark.kernels.RankDecision;
import leakmark.kernels.RowSpace;
import leakmark.kernels.dense.DenseAlgebra;
import leakmark.kernels.dense.DenseAlgebra.Singular;

/**
 * The row space of a gradient that is one up to small errors, such as an update of several local steps: weights move between
 * steps, so the inputs do a little, and what was a gap down to rounding becomes a cliff in the singular values.
 *
 * <p>The cliff is the widest fall over {@link #WINDOW} values, its edge the widest step in there. Directions go on being kept
 * until values have fallen to {@link #FALL} of the edge: they hold what the inputs moved, and few more directions of many cost
 * wrong vectors little of their distance. Measured on gpt2, B = 16, 10 epochs: edge 224 for 223 prefixes, kept 249 of 768,
 * members within 2e-4, at layer 2 within 2e-3.
 *
 * @param space the space
 * @param edge directions before the cliff
 */
record BlurredRowSpace(RowSpace space, int edge) {
    private static final int WINDOW = 8;
    /** A cliff that falls less decides nothing: the largest values of any gradient do so. */
    private static final double LEAST_CLIFF = 12;

    private static final double FALL = 1e-2;

    /** The space, with directions added to it. */
    static BlurredRowSpace of(Tensor gradient, float[]... append) {
        Spectrum spectrum = Spectrum.of(gradient);
        return spectrum.upTo(spectrum.edge(), append);
    }

    /** The space of a gradient whose edge another one shows: both have as many signal directions. */
    static RowSpace of(Tensor gradient, int edge) {
        return Spectrum.of(gradient).upTo(edge).space;
    }

    private record Spectrum(int d, double[] left, double[] values) {
        static Spectrum of(Tensor gradient) {
            int d = gradient.rows();
            Singular singular = DenseAlgebra.singular(new Matrix(d, gradient.columns(), gradient.data()));
            double[] values = singular.relative();
            for (int i = 0; i < values.length; i++) {
                // Values that rounding of the decomposition itself makes are no evidence.
                values[i] = Math.max(values[i], 0x1p-40);
            }
            return new Spectrum(d, singular.left(), values);
        }

        /** Directions before the cliff; -1 if there is none. */
        int edge() {
            // The last values of a full spectrum are far apart by chance.
            int last = Math.min(values.length, d - TokenFilter.SKETCH_COLUMNS) - 1;
            int cliff = -1;
            double deepest = LEAST_CLIFF;
            for (int i = 0; i < last; i++) {
                double fall = values[i] / values[Math.min(i + WINDOW, last)];
                if (fall > deepest) {
                    deepest = fall;
                    cliff = i;
                }
            }
            if (cliff < 0) {
                return -1;
            }
            int edge = cliff;
            for (int i = cliff; i < Math.min(cliff + WINDOW, last); i++) {
                if (values[i] / values[i + 1] > values[edge] / values[edge + 1]) {
                    edge = i;
                }
            }
            return edge + 1;
        }

        BlurredRowSpace upTo(int edge, float[]... append) {
            if (edge < 1 || edge >= values.length) {
                RankDecision none = new RankDecision(-1, 0, values[values.length - 1], 0);
                return new BlurredRowSpace(new HostRowSpace(d, none, basis(left, d, 0, append)), -1);
            }
            int rank = edge;
            int most = Math.min((edge + d) / 2, values.length - 1);
            while (rank < most && values[rank] > FALL * values[edge - 1]) {
                rank++;
            }
            RankDecision decision = new RankDecision(rank, values[edge - 1], values[rank], values[rank]);
            return new BlurredRowSpace(new HostRowSpace(d, decision, basis(left, d, rank, append)), edge);
        }
    }

    private static double[] basis(double[] left, int d, int rank, float[]... append) {
        return Orthonormal.append(Arrays.copyOf(left, d * rank), d, append);
    }
}
