package leakmark.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import leakmark.kernels.HostRowSpace;
import leakmark.kernels.KernelProvider;
import leakmark.kernels.Matrix;
import leakmark.kernels.Orthonormal;
import leakmark.kernels.PrefixExtension;
import leakmark.kernels.PrefixExtension.Members;
import leakmark.kernels.PrefixExtension.Search;
import leakmark.kernels.PrefixExtension.Survivors;
import leakmark.kernels.PrefixTables;
import leakmark.kernels.RankDecision;
import leakmark.kernels.RowSpace;
import leakmark.kernels.VocabularySweep.Hits;
import leakmark.kernels.scalar.ScalarKernels;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every rung of every kernel in awkward shapes and several orders of threads, against the scalar oracle. */
@ExtendWith(NoLeaks.class)
class CudaLaunchesTest {
    private static final KernelProvider ORACLE = new ScalarKernels();

    private static Matrix gaussian(int rows, int columns, double std, long seed) {
        Random random = new Random(seed);
        float[] data = new float[rows * columns];
        for (int i = 0; i < data.length; i++) {
            data[i] = (float) (std * random.nextGaussian());
        }
        return new Matrix(rows, columns, data);
    }

    private static Set<Long> pairs(Hits hits, int positions) {
        Set<Long> pairs = new TreeSet<>();
        for (int h = 0; h < hits.count(); h++) {
            pairs.add((long) hits.tokens()[h] * positions + hits.positions()[h]);
        }
        assertEquals(hits.count(), pairs.size(), "a hit is reported once");
        return pairs;
    }

    /** About half of all pairs hit; those within rounding of the threshold may go either way. */
    @ParameterizedTest
    @CsvSource({
        "1, 1, 1, 1",
        "33, 5, 3, 2",
        "64, 33, 8, 1",
        "100, 130, 9, 65",
        "31, 1030, 8, 3",
        "40, 1028, 32, 33",
        "7, 2052, 17, 4",
        "97, 64, 8, 70"
    })
    void sweeps(int vocabulary, int d, int k, int positions) {
        Matrix table = gaussian(vocabulary, d, 1, vocabulary);
        Matrix sketch = gaussian(d, k, 1 / Math.sqrt(d), d);
        Matrix places = gaussian(positions, k, 1, k);
        float threshold = (float) Math.sqrt(2 * k);
        // Sums of d products of size 1/√d, each rounded: ε√d, with a margin of 8.
        float rounding = (float) (8 * 0x1p-24 * Math.sqrt(d) + 1e-6);
        Set<Long> least =
                pairs(ORACLE.vocabularySweep().sweep(table, sketch, places, threshold * (1 - rounding)), positions);
        Set<Long> most =
                pairs(ORACLE.vocabularySweep().sweep(table, sketch, places, threshold * (1 + rounding)), positions);
        for (int version = 0; version <= 2; version++) {
            for (long order : StandIn.ORDERS) {
                StandIn.order(order);
                Set<Long> found = pairs(
                        new CudaVocabularySweep(CudaDevice.shared(), version, 5)
                                .sweep(table, sketch, places, threshold),
                        positions);
                assertTrue(found.containsAll(least) && most.containsAll(found), "rung " + version);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1, 0",
        "1, 7, 6",
        "3, 5, 4",
        "33, 31, 30",
        "70, 64, 33",
        "2, 130, 129",
        "5, 97, 1",
        "1030, 8, 3",
        "32, 200, 64"
    })
    void takesResiduals(int n, int d, int r) {
        double[] vectors = new Random(n).doubles((long) n * d, -1, 1).toArray();
        float[][] directions = IntStream.range(0, r)
                .mapToObj(i -> gaussian(1, d, 1, 100L * r + i).data())
                .toArray(float[][]::new);
        double[] basis = Orthonormal.append(new double[0], d, directions);
        RowSpace space = new HostRowSpace(d, new RankDecision(r, 1, 1e-7, 1e-6), basis);
        double[] expected = ORACLE.spanProjection().residuals(space, vectors);
        for (int version = 0; version <= 1; version++) {
            for (long order : StandIn.ORDERS) {
                StandIn.order(order);
                double[] actual = new CudaSpanProjection(CudaDevice.shared(), version).residuals(space, vectors);
                // d + r roundings of products under 1.
                assertArrayEquals(expected, actual, 0x1p-53 * (d + r) * 8, "rung " + version);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 1", "5, 3, 2", "64, 64, 64", "65, 130, 67", "3, 70, 129", "130, 6, 17"})
    void multiplies(int n, int m, int inner) {
        Matrix a = gaussian(n, inner, 1, 1);
        Matrix b = gaussian(inner, m, 1, 2);
        CudaDevice device = CudaDevice.shared();
        try (CudaMatrix left = CudaMatrix.upload(device, a);
                CudaMatrix right = CudaMatrix.upload(device, b);
                Workspace work = new Workspace(device)) {
            DeviceMemory c = work.room((long) n * right.stride(), Float.BYTES, "a product");
            for (int version = 0; version <= 1; version++) {
                for (long order : StandIn.ORDERS) {
                    StandIn.order(order);
                    CudaTables.product(work, version, left.memory(), left.stride(), right, c, n);
                    float[] product = new float[n * right.stride()];
                    work.get(c, 0, product);
                    for (int i = 0; i < n; i++) {
                        for (int j = 0; j < right.stride(); j++) {
                            double sum = 0;
                            double size = 0;
                            for (int p = 0; p < inner && j < m; p++) {
                                sum += (double) a.at(i, p) * b.at(p, j);
                                size += Math.abs((double) a.at(i, p) * b.at(p, j));
                            }
                            assertEquals(sum, product[i * right.stride() + j], 0x1p-24 * inner * size + 1e-30);
                        }
                    }
                }
            }
        }
    }

    /** Random tables of values that no sketch is blind to, so that thresholds cut through the middle. */
    private static PrefixTables tables(int tokens, int positions, int heads, int headSize, int columns) {
        int d = heads * headSize;
        Random random = new Random(tokens);
        float[] inverse = new float[tokens * positions];
        for (int i = 0; i < inverse.length; i++) {
            inverse[i] = (float) (0.5 + random.nextDouble());
        }
        return new PrefixTables(
                heads,
                gaussian(tokens, 3 * d, 1, 1),
                gaussian(positions, 3 * d, 0.5, 2),
                gaussian(1, 3 * d, 0.2, 3).data(),
                new Matrix(tokens, positions, inverse),
                gaussian(d, columns, 1 / Math.sqrt(d), 4));
    }

    /**
     * Ragged prefixes: at each position a part of the oracle's survivors is accepted. The tolerance is 0.7 of the root mean
     * square's: about half of all pairs survive, none of them within float32's rounding of the limit for these seeds.
     */
    @ParameterizedTest
    @CsvSource({
        "1, 1, 1, 1, 0",
        "3, 1, 5, 2, 1",
        "33, 2, 3, 8, 12345",
        "31, 17, 2, 9, 0",
        "64, 3, 32, 4, 1",
        "65, 20, 1, 32, 2",
        "300, 2, 2, 8, 0"
    })
    void extendsPrefixes(int tokens, int heads, int headSize, int columns, long order) {
        StandIn.order(order);
        PrefixTables tables = tables(tokens, 4, heads, headSize, columns);
        for (int version = 0; version <= 1; version++) {
            PrefixExtension kernel = new CudaPrefixExtension(CudaDevice.shared(), version);
            try (Search expected = ORACLE.prefixExtension().open(tables);
                    Search actual = kernel.open(tables)) {
                for (int position = 0; position < 4; position++) {
                    int[] candidates = candidates(tokens, position);
                    Survivors right = expected.extend(position, candidates, 0.5);
                    Survivors found = actual.extend(position, candidates, 0.5);
                    assertArrayEquals(right.prefixes(), found.prefixes());
                    assertArrayEquals(right.tokens(), found.tokens());
                    assertEquals(right.pairs(), found.pairs());
                    boolean[] some = new boolean[right.count()];
                    for (int s = 0; s < some.length; s++) {
                        some[s] = s % (1 + some.length / 12) == 0;
                    }
                    Survivors accepted = right.keep(some);
                    double[] z = expected.attentionOutputs(accepted);
                    double[] same = actual.attentionOutputs(accepted);
                    assertArrayEquals(z, same, 1e-12 * headSize);
                    expected.accept(accepted);
                    actual.accept(accepted);
                }
            }
        }
    }

    /** 2520 survivors, in three parts, half of them members: more than come with the first copy. */
    @Test
    void checksMoreSurvivorsThanFitAtOnce() {
        PrefixTables tables = tables(120, 2, 2, 4, 3);
        double[] basis = Orthonormal.append(
                new double[0],
                8,
                IntStream.range(0, 3).mapToObj(i -> gaussian(1, 8, 1, i).data()).toArray(float[][]::new));
        RowSpace space = new HostRowSpace(8, new RankDecision(3, 1, 1e-7, 1e-6), basis);
        int[] all = IntStream.range(0, 120).toArray();
        try (Search expected = ORACLE.prefixExtension().open(tables);
                Search actual = new CudaKernels().prefixExtension().open(tables)) {
            boolean[] some = new boolean[120];
            java.util.Arrays.fill(some, 0, 20, true);
            Survivors first = expected.extend(0, all, 1e9).keep(some);
            expected.accept(first);
            actual.extend(0, all, 1e9);
            actual.accept(first);
            Members right = expected.advance(1, all, 1e9, space, 0.8, ORACLE.spanProjection());
            Members found = actual.advance(1, all, 1e9, space, 0.8, ORACLE.spanProjection());
            assertTrue(right.survivors().count() > 1024 && right.survivors().count() < 2000);
            assertArrayEquals(right.survivors().prefixes(), found.survivors().prefixes());
            assertArrayEquals(right.survivors().tokens(), found.survivors().tokens());
            assertEquals(right.survivors().pairs(), found.survivors().pairs());
            assertArrayEquals(right.outputs(), found.outputs(), 1e-12);
        }
    }

    /** All tokens, every other one, the last alone, some in falling order. */
    private static int[] candidates(int tokens, int position) {
        return switch (position) {
            case 0 -> IntStream.range(0, tokens).toArray();
            case 1 -> IntStream.range(0, (tokens + 1) / 2).map(i -> 2 * i).toArray();
            case 2 -> new int[] {tokens - 1};
            default -> IntStream.range(0, tokens).map(i -> tokens - 1 - i).toArray();
        };
    }
}
