package leakmark.attacks.dager;

import leakmark.kernels.RowSpace;
import leakmark.kernels.SpanProjection;

/** The exact test: a vector's distance from the whole row space in float64, relative to its length. */
public final class Membership {
    private Membership() {}

    /** Tests rows of length d against others that begin at a distance. */
    public static boolean[] test(double[] vectors, RowSpace space, double others, SpanProjection projection) {
        double[] distances = projection.distances(space, vectors);
        double cut = Separation.cut(space, others);
        boolean[] result = new boolean[distances.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = distances[i] <= cut;
        }
        return result;
    }
}
