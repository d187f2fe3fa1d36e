package leakmark.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import leakmark.kernels.SupportRecovery.Dictionary;
import leakmark.kernels.SupportRecovery.Problem;
import leakmark.kernels.SupportRecovery.Schedule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What every provider's solver must satisfy; the oracle is the support the data were made with. */
public abstract class SupportRecoveryContract {
    private static final Schedule SCHEDULE = new Schedule(20, 0.95, 1, 0.5, 1e-9, 1e-11);

    /** Under test. */
    protected abstract SupportRecovery recovery();

    private static double[] gaussian(int n, long seed) {
        return new Random(seed).doubles(n, -1, 1).toArray();
    }

    private static double[] ones(int n) {
        double[] ones = new double[n];
        Arrays.fill(ones, 1);
        return ones;
    }

    /** A vector of each system on the given atoms. */
    private static double[] combination(Dictionary dictionary, int columns, int[] support, long seed) {
        Random random = new Random(seed);
        int q = dictionary.equations();
        double[] y = new double[dictionary.systems() * columns * q];
        for (int e = 0; e < dictionary.systems(); e++) {
            for (int c = 0; c < columns; c++) {
                for (int atom : support) {
                    double x = 1 + random.nextDouble();
                    for (int i = 0; i < q; i++) {
                        y[(e * columns + c) * q + i] +=
                                x * dictionary.values()[(e * q + i) * dictionary.atoms() + atom];
                    }
                }
            }
        }
        return y;
    }

    private static Dictionary dictionary(int systems, int equations, int atoms) {
        return new Dictionary(
                systems, equations, atoms, gaussian(systems * equations * atoms, 31L * atoms + equations));
    }

    private static int[] support(int atoms, int size, long seed) {
        return new Random(seed).ints(0, atoms).distinct().limit(size).sorted().toArray();
    }

    @ParameterizedTest
    @CsvSource({"1, 9, 9, 1, 3", "4, 17, 31, 1, 7", "24, 65, 131, 1, 30", "3, 13, 50, 2, 5", "8, 33, 207, 3, 14"})
    void findsTheSupport(int systems, int equations, int atoms, int columns, int size) {
        Dictionary dictionary = dictionary(systems, equations, atoms);
        int[] first = support(atoms, size, 1);
        int[] second = support(atoms, size, 2);
        double[][] norms = recovery()
                .groupNorms(
                        dictionary,
                        new Problem[] {
                            new Problem(columns, combination(dictionary, columns, first, 3), ones(atoms)),
                            new Problem(columns, combination(dictionary, columns, second, 4), ones(atoms))
                        },
                        SCHEDULE);
        assertSupport(first, norms[0]);
        assertSupport(second, norms[1]);
    }

    private static void assertSupport(int[] support, double[] norms) {
        assertEquals(1, Arrays.stream(norms).max().orElse(0), 0);
        // Coefficients between 1 and 2 in every system: members' norms are within a factor 2 of one another.
        assertArrayEquals(
                support,
                IntStream.range(0, norms.length).filter(a -> norms[a] > 0.4).toArray());
        for (int a = 0; a < norms.length; a++) {
            int atom = a;
            if (Arrays.stream(support).noneMatch(s -> s == atom)) {
                assertTrue(norms[a] <= 1e-2, "atom " + a + ": " + norms[a]);
            }
        }
    }

    /** Nothing but dictionary · weights: an atom that starts without weight stays out. */
    @Test
    void weightsToStartFromAreKept() {
        Dictionary dictionary = dictionary(4, 17, 31);
        int[] support = {2, 8, 21};
        double[] weights = ones(31);
        weights[8] = 0;
        double[] norms = recovery()
                .groupNorms(
                        dictionary,
                        new Problem[] {new Problem(1, combination(dictionary, 1, support, 3), weights)},
                        new Schedule(1, 0.5, 1, 0.5, 1e-9, 1e-11))[0];
        assertEquals(0, norms[8], 1e-12);
    }

    @Test
    void nothingInNothingOut() {
        Dictionary dictionary = dictionary(2, 9, 12);
        double[] norms = recovery()
                .groupNorms(dictionary, new Problem[] {new Problem(1, new double[18], ones(12))}, SCHEDULE)[0];
        assertArrayEquals(new double[12], norms);
        assertEquals(0, recovery().groupNorms(dictionary, new Problem[0], SCHEDULE).length);
    }
}
