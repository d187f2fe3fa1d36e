package leakmark.attacks.dager;

import leakmark.kernels.RowSpace;
import leakmark.kernels.SpanProjection;

/** The exact test: a vector's distance from the whole row space in float64, relative to its length. */
public final class Membership {
    private Membership() {}

    /** Tests rows of length d against others that begin at a distance. */
    public static boolean[] test(double[] vectors, RowSpace space, double others, SpanProjection projection) {
        double[] distances = distances(vectors, space, projection);
        double cut = Separation.cut(space, others);
        boolean[] result = new boolean[distances.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = distances[i] <= cut;
        }
        return result;
    }

    /** {@code ‖z − QQᵀz‖/‖z‖} of each row. */
    public static double[] distances(double[] vectors, RowSpace space, SpanProjection projection) {
        int d = space.dimension();
        double[] rests = projection.residuals(space, vectors);
        double[] result = new double[vectors.length / d];
        for (int i = 0; i < result.length; i++) {
            double rest = 0;
            double whole = 0;
            for (int e = i * d; e < (i + 1) * d; e++) {
                rest += rests[e] * rests[e];
                whole += vectors[e] * vectors[e];
            }
            result[i] = Math.sqrt(rest / whole);
        }
        return result;
    }
}
