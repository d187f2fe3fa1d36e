package leakmark.kernels;

import java.util.Arrays;

/**
 * The decoder search's inner step: every live prefix extended by every candidate token, tested on the attention output.
 *
 * <p>A pair (prefix, token t) at position i has the attention output {@code z = ⊕_h Σ_j w_{h,j} v_{h,j}}, where j runs over
 * the prefix and t itself and w is the softmax of {@code q·k/√(d/H)}. It belongs to the batch if z lies in the span of the
 * attention outputs, that is {@code Nᵀz = 0}. Tested is
 *
 * <pre>  x = ‖Σ_h Σ_j w_{h,j} N_hᵀ v_{h,j}‖ / sqrt(Σ_h (Σ_j w_{h,j} ‖v_{h,j}‖)²)</pre>
 *
 * which is 0 for members and has no unit. A pair survives if {@code x² ≤ t·max(t, rms)} with the tolerance t, rms being the
 * root mean square of x over all candidates of the same prefix.
 */
public interface PrefixExtension {
    /** Opens a search with no prefix but the empty one. */
    Search open(PrefixTables tables);

    /**
     * Opens a search over some tokens; providers with a device of their own make the tables there.
     *
     * @param tokens candidate tokens, T
     * @param positions P
     * @param sketch N, d × k: complement sketch of the attention output's span
     */
    default Search open(FirstLayer layer, int[] tokens, int positions, Matrix sketch) {
        return open(layer.tables(tokens, positions, sketch));
    }

    /** The state of one search: keys, value sketches and live prefixes, resident with the provider. */
    interface Search extends AutoCloseable {
        /**
         * Tests the empty prefix and all live ones with each candidate at a position.
         *
         * @param position i; greater than at the last call
         * @param candidates rows of the tables
         * @param tolerance t of {@link PrefixExtension}
         * @return survivors ordered by prefix, then candidate
         */
        Survivors extend(int position, int[] candidates, double tolerance);

        /**
         * Attention outputs of survivors, before the output projection, float64.
         *
         * @return n × d, row-major
         */
        double[] attentionOutputs(Survivors survivors);

        /** Replaces the live prefixes by the survivors, in their order. Must follow {@link #extend}. */
        void accept(Survivors survivors);

        /**
         * A whole position: {@link #extend}, the distance of each survivor's attention output from a row space, and {@link
         * #accept} of those within the cut.
         *
         * @param space inputs of the output projection
         * @param cut largest distance of a member, relative to its length
         * @param projection of the same provider
         */
        default Members advance(
                int position,
                int[] candidates,
                double tolerance,
                RowSpace space,
                double cut,
                SpanProjection projection) {
            Survivors survivors = extend(position, candidates, tolerance);
            double[] outputs = attentionOutputs(survivors);
            double[] distances = projection.distances(space, outputs);
            int d = space.dimension();
            boolean[] within = new boolean[distances.length];
            int kept = 0;
            for (int s = 0; s < within.length; s++) {
                within[s] = distances[s] <= cut;
                if (within[s]) {
                    System.arraycopy(outputs, s * d, outputs, kept++ * d, d);
                }
            }
            Survivors members = survivors.keep(within);
            accept(members);
            return new Members(members, Arrays.copyOf(outputs, kept * d));
        }

        @Override
        void close();
    }

    /**
     * Survivors that passed the exact test, and were accepted.
     *
     * @param survivors in order
     * @param outputs their attention outputs, n × d
     */
    record Members(Survivors survivors, double[] outputs) {}

    /**
     * Pairs that passed.
     *
     * @param position where
     * @param prefixes index of the live prefix extended, or -1 for the empty one
     * @param tokens row of the tables
     * @param pairs how many pairs were tested
     */
    record Survivors(int position, int[] prefixes, int[] tokens, long pairs) {
        /** Number of survivors. */
        public int count() {
            return prefixes.length;
        }

        /** Those whose flag is set. */
        public Survivors keep(boolean[] flags) {
            int kept = 0;
            int[] keptPrefixes = new int[count()];
            int[] keptTokens = new int[count()];
            for (int i = 0; i < count(); i++) {
                if (flags[i]) {
                    keptPrefixes[kept] = prefixes[i];
                    keptTokens[kept++] = tokens[i];
                }
            }
            return new Survivors(position, Arrays.copyOf(keptPrefixes, kept), Arrays.copyOf(keptTokens, kept), pairs);
        }
    }

    /**
     * Declared work of one step over p prefixes of length i with T candidates each: scores against the new keys (2·p·T·d),
     * then per cached key and head one score, one exponential (counted 8) and k + 1 multiply-adds.
     */
    static Cost cost(int prefixes, int length, int candidates, int hiddenSize, int heads, int columns) {
        double pairs = (double) prefixes * candidates;
        return new Cost(
                2 * pairs * hiddenSize + pairs * (length + 1) * heads * (4 + 8 + 2.0 * (columns + 1)),
                4 * pairs * heads * length + 4.0 * candidates * hiddenSize);
    }
}
