package leakmark.kernels;

/**
 * Row spaces of gradients, sketches of their orthogonal complement, and distances from them.
 *
 * <p>In-span vectors give {@code Nᵀz = 0} without cancellation when N's columns are orthonormal and orthogonal to the
 * space; a few random columns already separate them.
 */
public interface SpanProjection {
    /**
     * Column space of a gradient.
     *
     * @param gradient G, d × m
     * @param append directions to add to the space (each of length d); those already in it add nothing
     * @return the space; its decision says if no gap was found, and then the basis holds only what was appended
     */
    RowSpace rowSpace(DeviceMatrix gradient, float[]... append);

    /**
     * Random orthonormal columns of the orthogonal complement.
     *
     * @param columns k; at most {@code d − r}
     * @param seed picks them
     * @return N, d × k
     */
    default Matrix complementSketch(RowSpace space, int columns, long seed) {
        return Orthonormal.complement(space.basis(), space.dimension(), columns, seed);
    }

    /**
     * Components outside the space: {@code R = Z − (Z Q) Qᵀ}, in float64.
     *
     * @param vectors Z, n × d, row-major
     * @return R, n × d, row-major
     */
    double[] residuals(RowSpace space, double[] vectors);

    /**
     * Distances from the space, relative to the vectors' lengths: {@code ‖z − QQᵀz‖/‖z‖}.
     *
     * @param vectors Z, n × d, row-major
     * @return n values; NaN for a vector of zeros
     */
    default double[] distances(RowSpace space, double[] vectors) {
        int d = space.dimension();
        double[] rests = residuals(space, vectors);
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

    /** Declared work of {@link #residuals}: 4·n·d·r FLOP. */
    static Cost residualCost(int vectors, int dimension, int rank) {
        return new Cost(
                4.0 * vectors * dimension * rank, 8.0 * (2.0 * vectors * dimension + (double) dimension * rank));
    }
}
