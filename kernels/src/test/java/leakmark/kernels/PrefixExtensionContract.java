package leakmark.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.IntStream;
import leakmark.kernels.PrefixExtension.Members;
import leakmark.kernels.PrefixExtension.Search;
import leakmark.kernels.PrefixExtension.Survivors;
import leakmark.kernels.scalar.ScalarKernels;
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
        return attention(qkv, d, tables.heads());
    }

    /** z of the last of n places with their queries, keys and values, n × 3d. */
    private static double[] attention(double[][] qkv, int d, int heads) {
        int n = qkv.length;
        int headSize = d / heads;
        double[] z = new double[d];
        for (int h = 0; h < heads; h++) {
            double[] weights = new double[n];
            double sum = 0;
            for (int j = 0; j < n; j++) {
                for (int e = h * headSize; e < (h + 1) * headSize; e++) {
                    weights[j] += qkv[n - 1][e] * qkv[j][d + e];
                }
                weights[j] = Math.exp(weights[j] / Math.sqrt(headSize));
                sum += weights[j];
            }
            for (int j = 0; j < n; j++) {
                for (int e = h * headSize; e < (h + 1) * headSize; e++) {
                    z[e] += weights[j] / sum * qkv[j][2 * d + e];
                }
            }
        }
        return z;
    }

    /** Tables whose sketch annihilates the attention outputs of every prefix of the sequences. */
    private static PrefixTables planted(int tokens, int heads, int headSize, int columns) {
        PrefixTables tables = Data.tables(tokens, 6, heads, headSize, columns, 31L * tokens + columns);
        double[] basis = span(tables).basis();
        return new PrefixTables(
                heads,
                tables.tokenQkv(),
                tables.positionQkv(),
                tables.constantQkv(),
                tables.inverseSigma(),
                Orthonormal.complement(basis, tables.hiddenSize(), columns, 1));
    }

    /** The span of the attention outputs of every prefix of the sequences. */
    private static RowSpace span(PrefixTables tables) {
        int d = tables.hiddenSize();
        float[][] outputs = Arrays.stream(SEQUENCES)
                .flatMap(s -> IntStream.rangeClosed(1, s.length).mapToObj(n -> Arrays.copyOf(s, n)))
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
        return new HostRowSpace(d, new RankDecision(basis.length / d, 1, 1e-7, 1e-6), basis);
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

    /** A whole position at once: the same members, their outputs, and the same state behind it. */
    @ParameterizedTest
    @CsvSource({"7,4,16,8", "33,2,17,4", "70,4,9,3"})
    void advancesAsExtendCheckAndAcceptDo(int tokens, int heads, int headSize, int columns) {
        PrefixTables tables = planted(tokens, heads, headSize, columns);
        int d = tables.hiddenSize();
        int[] candidates = IntStream.range(0, tokens).toArray();
        RowSpace space = span(tables);
        int[][][] expected = {
            {{-1, 0}, {-1, 4}, {-1, 6}},
            {{0, 1}, {1, 3}, {2, 6}},
            {{0, 2}, {0, 5}, {1, 2}, {2, 6}},
            {{0, 3}, {1, 6}, {3, 1}},
            {{0, 4}, {2, 0}}
        };
        int[][] prefixes = {{}};
        try (Search search = kernel().open(tables)) {
            for (int position = 0; position < expected.length; position++) {
                // Wide enough that wrong tokens survive the sketch and the exact check has work.
                Members members =
                        search.advance(position, candidates, 1, space, 1e-5, new ScalarKernels().spanProjection());
                Survivors found = members.survivors();
                int[][] next = new int[found.count()][];
                int[][] pairs = new int[found.count()][];
                for (int s = 0; s < next.length; s++) {
                    pairs[s] = new int[] {found.prefixes()[s], found.tokens()[s]};
                    int[] prefix = pairs[s][0] < 0 ? new int[0] : prefixes[pairs[s][0]];
                    next[s] = Arrays.copyOf(prefix, prefix.length + 1);
                    next[s][prefix.length] = pairs[s][1];
                    double[] z = attention(tables, next[s]);
                    for (int e = 0; e < d; e++) {
                        assertEquals(z[e], members.outputs()[s * d + e], 1e-12 * headSize);
                    }
                }
                assertArrayEquals(expected[position], pairs);
                assertEquals((position == 0 ? 1L : prefixes.length + 1L) * tokens, found.pairs());
                prefixes = next;
            }
            assertEquals(
                    0,
                    search.advance(5, new int[0], 1, space, 1e-5, new ScalarKernels().spanProjection())
                            .survivors()
                            .count());
        }
    }

    /** Tables made of layer 1's own weights, against LayerNorm, projection and attention as their formulas stand. */
    @ParameterizedTest
    @CsvSource({"5,3,1", "24,3,8", "66,2,12"})
    void opensOnAFirstLayer(int d, int heads, int columns) {
        int hidden = d / heads * heads;
        FirstLayer layer = new FirstLayer(
                heads,
                Data.gaussian(20, hidden, 0.3, 1),
                Data.gaussian(4, hidden, 0.2, 2),
                Data.gaussian(1, hidden, 1, 3).data(),
                Data.gaussian(1, hidden, 0.5, 4).data(),
                1e-5,
                Data.gaussian(hidden, 3 * hidden, 1 / Math.sqrt(hidden), 5),
                Data.gaussian(1, 3 * hidden, 0.1, 6).data());
        int[] ids = {3, 17, 5, 9};
        try (Search search = kernel().open(layer, ids, 2, Data.gaussian(hidden, columns, 1, 7))) {
            int[] candidates = {0, 1, 2, 3};
            search.accept(search.extend(0, candidates, 1e9));
            Survivors all = search.extend(1, candidates, 1e9);
            assertEquals(5 * 4, all.count());
            double[] z = search.attentionOutputs(all);
            for (int s = 0; s < all.count(); s++) {
                int last = ids[all.tokens()[s]];
                int[][] places = all.prefixes()[s] < 0
                        ? new int[][] {{last, 1}}
                        : new int[][] {{ids[all.prefixes()[s]], 0}, {last, 1}};
                double[][] qkv = Arrays.stream(places)
                        .map(place -> projected(layer, place[0], place[1]))
                        .toArray(double[][]::new);
                double[] expected = attention(qkv, hidden, heads);
                for (int e = 0; e < hidden; e++) {
                    // float32 tables of values up to about 4.
                    assertEquals(expected[e], z[s * hidden + e], 4e-5);
                }
            }
        }
    }

    private static double[] projected(FirstLayer layer, int token, int position) {
        int d = layer.hiddenSize();
        double[] x = new double[d];
        double mean = 0;
        double variance = 0;
        for (int e = 0; e < d; e++) {
            x[e] = (double) layer.tokens().toHost().at(token, e)
                    + layer.positions().toHost().at(position, e);
            mean += x[e] / d;
        }
        for (int e = 0; e < d; e++) {
            variance += (x[e] - mean) * (x[e] - mean) / d;
        }
        double[] qkv = new double[3 * d];
        for (int c = 0; c < 3 * d; c++) {
            qkv[c] = layer.bias()[c];
            for (int e = 0; e < d; e++) {
                double normalised = (x[e] - mean) / Math.sqrt(variance + layer.epsilon());
                qkv[c] += (layer.scale()[e] * normalised + layer.shift()[e])
                        * layer.weight().toHost().at(e, c);
            }
        }
        return qkv;
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
