package leakmark.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.IntStream;
import leakmark.kernels.PrefixExtension.Search;
import leakmark.kernels.PrefixExtension.Survivors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What every provider's search step must satisfy: the batch it grows is planted by making the sketch blind to exactly the
 * attention outputs that a plain float64 attention gives it.
 */
public abstract class PrefixExtensionContract {
    /** Under test. */
    protected abstract PrefixExtension kernel();

    /** A sequence as (row of the tables) per position, from position 0 on. */
    private static final int[][] SEQUENCES = {{0, 1, 2, 3, 4}, {0, 1, 5, 6}, {4, 3, 2}, {6, 6, 6, 1, 0}};

    /** z of the last token of a prefix, straight from the definition. */
    private static double[] attention(PrefixTables tables, int[] prefix) {
        int d = tables.hiddenSize();
        int n = prefix.length;
        double[][] qkv = new double[n][3 * d];
        for (int j = 0; j < n; j++) {
            for (int e = 0; e < 3 * d; e++) {
                qkv[j][e] = ((double) tables.tokenQkv().at(prefix[j], e)
                                        + tables.positionQkv().at(j, e))
                                * tables.inverseSigma().at(prefix[j], j)
                        + tables.constantQkv()[e];
            }
        }
        double[] z = new double[d];
        for (int h = 0; h < tables.heads(); h++) {
            double[] weights = new double[n];
            double sum = 0;
            for (int j = 0; j < n; j++) {
                for (int e = h * tables.headSize(); e < (h + 1) * tables.headSize(); e++) {
                    weights[j] += qkv[n - 1][e] * qkv[j][d + e];
                }
                weights[j] = Math.exp(weights[j] / Math.sqrt(tables.headSize()));
                sum += weights[j];
            }
            for (int j = 0; j < n; j++) {
                for (int e = h * tables.headSize(); e < (h + 1) * tables.headSize(); e++) {
                    z[e] += weights[j] / sum * qkv[j][2 * d + e];
                }
            }
        }
        return z;
    }

    /** Tables whose sketch annihilates the attention outputs of every prefix of the sequences. */
    private static PrefixTables planted(int tokens, int heads, int headSize, int columns) {
        PrefixTables tables = Data.tables(tokens, 6, heads, headSize, columns, 31L * tokens + columns);
        int d = tables.hiddenSize();
        float[][] outputs = java.util.Arrays.stream(SEQUENCES)
                .flatMap(s -> IntStream.rangeClosed(1, s.length).mapToObj(n -> java.util.Arrays.copyOf(s, n)))
                .map(prefix -> {
                    double[] z = attention(tables, prefix);
                    float[] result = new float[d];
                    for (int e = 0; e < d; e++) {
                        result[e] = (float) z[e];
                    }
                    return result;
                })
                .toArray(float[][]::new);
        double[] basis = Orthonormal.append(new double[0], d, outputs);
        return new PrefixTables(
                heads,
                tables.tokenQkv(),
                tables.positionQkv(),
                tables.constantQkv(),
                tables.inverseSigma(),
                Orthonormal.complement(basis, d, columns, 1));
    }

    @ParameterizedTest
    @CsvSource({"7,4,16,8", "9,3,11,5", "33,2,17,4", "70,4,8,3", "129,12,4,8", "64,2,40,16"})
    void followsPlantedSequencesThroughAllPositions(int tokens, int heads, int headSize, int columns) {
        PrefixTables tables = planted(tokens, heads, headSize, columns);
        int[] candidates = IntStream.range(0, tokens).toArray();
        // True values are rounding (1e-6), false ones of order 0.1; few columns bring some near by chance.
        double tolerance = 1e-8;
        try (Search search = kernel().open(tables)) {
            Survivors first = search.extend(0, candidates, tolerance);
            assertArrayEquals(new int[] {-1, -1, -1}, first.prefixes());
            assertArrayEquals(new int[] {0, 4, 6}, first.tokens());
            assertEquals(tokens, first.pairs());
            search.accept(first);
            int[][][] expected = {
                {{0, 1}, {1, 3}, {2, 6}}, {{0, 2}, {0, 5}, {1, 2}, {2, 6}}, {{0, 3}, {1, 6}, {3, 1}}, {{0, 4}, {2, 0}}
            };
            for (int step = 0; step < expected.length; step++) {
                Survivors next = search.extend(step + 1, candidates, tolerance);
                int[][] pairs = IntStream.range(0, next.count())
                        .mapToObj(s -> new int[] {next.prefixes()[s], next.tokens()[s]})
                        .toArray(int[][]::new);
                assertArrayEquals(expected[step], pairs);
                search.accept(next);
            }
            assertEquals(0, search.extend(5, candidates, tolerance).count());
        }
    }

    @Test
    void attentionOutputsMatchTheDefinition() {
        PrefixTables tables = planted(9, 3, 11, 5);
        int[] candidates = IntStream.range(0, 9).toArray();
        try (Search search = kernel().open(tables)) {
            search.accept(search.extend(0, candidates, 1e-4));
            Survivors second = search.extend(1, candidates, 1e-4);
            double[] z = search.attentionOutputs(second);
            int[][] prefixes = {{0, 1}, {4, 3}, {6, 6}};
            for (int s = 0; s < prefixes.length; s++) {
                double[] expected = attention(tables, prefixes[s]);
                for (int e = 0; e < 33; e++) {
                    assertEquals(expected[e], z[s * 33 + e], 1e-12 * 11);
                }
            }
        }
    }

    @Test
    void candidatesMayBeAnySubset() {
        PrefixTables tables = planted(70, 4, 8, 3);
        try (Search search = kernel().open(tables)) {
            search.accept(search.extend(0, new int[] {0, 6, 40, 69}, 1e-4));
            Survivors next = search.extend(1, new int[] {1, 2, 3, 41, 50}, 1e-4);
            assertArrayEquals(new int[] {0}, next.prefixes());
            assertArrayEquals(new int[] {1}, next.tokens());
            assertEquals(15, next.pairs());
        }
    }

    @Test
    void aLoneTrueCandidateSurvivesAndALoneFalseOneDoesNot() {
        PrefixTables tables = planted(9, 3, 11, 5);
        try (Search search = kernel().open(tables)) {
            assertEquals(1, search.extend(0, new int[] {4}, 1e-3).count());
        }
        try (Search search = kernel().open(tables)) {
            assertEquals(0, search.extend(0, new int[] {8}, 1e-3).count());
        }
    }

    @Test
    void survivesScoresThatWouldOverflowAnExponential() {
        PrefixTables tables = Data.tables(12, 3, 2, 8, 4, 5);
        for (int i = 0; i < tables.tokenQkv().data().length; i++) {
            tables.tokenQkv().data()[i] *= 30;
        }
        int[] candidates = IntStream.range(0, 12).toArray();
        try (Search search = kernel().open(tables)) {
            search.accept(search.extend(0, candidates, 1e9));
            Survivors all = search.extend(1, candidates, 1e9);
            assertEquals(13 * 12, all.count());
            for (double value : search.attentionOutputs(all)) {
                assertTrue(Double.isFinite(value));
            }
        }
    }
}
