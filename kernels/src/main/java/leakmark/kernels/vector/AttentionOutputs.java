package leakmark.kernels.vector;

import leakmark.kernels.PrefixTables;

/** Attention outputs of single pairs in float64, from the cached keys and values. */
final class AttentionOutputs {
    private final PrefixTables tables;
    private final KeyCache cache;
    private final int d;
    private final int headSize;

    AttentionOutputs(PrefixTables tables, KeyCache cache) {
        this.tables = tables;
        this.cache = cache;
        this.d = tables.hiddenSize();
        this.headSize = tables.headSize();
    }

    /** Writes z (d values) of the prefix's nodes followed by {@code token} at {@code position} to {@code out[at …]}. */
    void compute(int[] prefix, int token, int position, double[] out, int at) {
        double inverse = tables.inverseSigma().at(token, position);
        double[] own = new double[3 * d];
        for (int e = 0; e < 3 * d; e++) {
            own[e] = cache.projected(token, position, e, inverse);
        }
        double[] weights = new double[prefix.length + 1];
        for (int h = 0; h < tables.heads(); h++) {
            int head = h * headSize;
            double largest = Double.NEGATIVE_INFINITY;
            for (int j = 0; j <= prefix.length; j++) {
                double score = j < prefix.length
                        ? Projection.dot(own, head, cache.exactKeys(), prefix[j] * d + head, headSize)
                        : Projection.dot(own, head, own, d + head, headSize);
                weights[j] = score / Math.sqrt(headSize);
                largest = Math.max(largest, weights[j]);
            }
            double sum = 0;
            for (int j = 0; j <= prefix.length; j++) {
                weights[j] = Math.exp(weights[j] - largest);
                sum += weights[j];
            }
            for (int j = 0; j < prefix.length; j++) {
                Projection.add(weights[j] / sum, cache.exactValues(), prefix[j] * d + head, out, at + head, headSize);
            }
            Projection.add(weights[prefix.length] / sum, own, 2 * d + head, out, at + head, headSize);
        }
    }
}
