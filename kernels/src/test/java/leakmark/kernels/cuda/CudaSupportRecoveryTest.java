package leakmark.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import leakmark.kernels.SupportRecovery;
import leakmark.kernels.SupportRecovery.Dictionary;
import leakmark.kernels.SupportRecovery.Problem;
import leakmark.kernels.SupportRecovery.Schedule;
import leakmark.kernels.SupportRecoveryContract;
import leakmark.kernels.scalar.ScalarKernels;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(NoLeaks.class)
class CudaSupportRecoveryTest extends SupportRecoveryContract {
    @Override
    protected SupportRecovery recovery() {
        return new CudaKernels().supportRecovery();
    }

    /**
     * Both rungs in awkward shapes and several orders of threads, on right-hand sides without a sparse answer, against the
     * scalar oracle: problems of one and of two columns. Few steps, so that no atom is near the floor.
     */
    @ParameterizedTest
    @CsvSource({"1, 1, 1", "2, 3, 2", "3, 4, 9", "2, 33, 40", "1, 65, 70", "1, 66, 31", "1, 81, 20", "2, 7, 300"})
    void agreesWithTheOracle(int systems, int equations, int atoms) {
        Random random = new Random(atoms);
        Dictionary dictionary = new Dictionary(
                systems,
                equations,
                atoms,
                random.doubles((long) systems * equations * atoms, -1, 1).toArray());
        double[] weights =
                IntStream.range(0, atoms).mapToDouble(a -> 1 - 0.5 * a / atoms).toArray();
        Problem[] problems = IntStream.of(1, 2)
                .mapToObj(columns -> new Problem(
                        columns,
                        random.doubles((long) systems * columns * equations, -1, 1)
                                .toArray(),
                        weights))
                .toArray(Problem[]::new);
        Schedule schedule = new Schedule(3, 0.6, 1, 0.5, 1e-9, 1e-6);
        double[][] expected = new ScalarKernels().supportRecovery().groupNorms(dictionary, problems, schedule);
        for (int version = 0; version <= 1; version++) {
            for (long order : StandIn.ORDERS) {
                StandIn.order(order);
                double[][] actual = new CudaSupportRecovery(CudaDevice.shared(), version)
                        .groupNorms(dictionary, problems, schedule);
                for (int p = 0; p < problems.length; p++) {
                    for (int a = 0; a < atoms; a++) {
                        // Condition 1e6 by the ridge, times q roundings.
                        assertEquals(expected[p][a], actual[p][a], 1e-8, "rung " + version + ", atom " + a);
                    }
                }
            }
        }
    }

    /** Dropped atoms take their part of the matrix with them; the answer stays. */
    @Test
    void atomsThatLeaveChangeNothing() {
        Random random = new Random(1);
        Dictionary dictionary =
                new Dictionary(3, 13, 300, random.doubles(3 * 13 * 300, -1, 1).toArray());
        double[] y = new double[3 * 13];
        for (int row = 0; row < y.length; row++) {
            for (int atom : new int[] {0, 255, 256, 299}) {
                y[row] += dictionary.values()[row * 300 + atom];
            }
        }
        double[] ones = new double[300];
        Arrays.fill(ones, 1);
        Problem[] problems = {new Problem(1, y, ones)};
        Schedule schedule = new Schedule(20, 0.95, 1, 0.5, 1e-9, 1e-11);
        double[] all = new CudaSupportRecovery(CudaDevice.shared(), 0).groupNorms(dictionary, problems, schedule)[0];
        double[] some = new CudaSupportRecovery(CudaDevice.shared(), 1).groupNorms(dictionary, problems, schedule)[0];
        for (int a = 0; a < 300; a++) {
            boolean member = a == 0 || a == 255 || a == 256 || a == 299;
            assertTrue(Math.abs(all[a] - some[a]) <= 1e-6, a + ": " + all[a] + " " + some[a]);
            assertTrue(member ? some[a] > 0.9 : some[a] < 1e-3, a + ": " + some[a]);
        }
    }

    @Test
    void tooManyEquationsAreRefused() {
        Dictionary dictionary = new Dictionary(1, 161, 1, new double[161]);
        IllegalArgumentException refusal = assertThrows(
                IllegalArgumentException.class,
                () -> recovery().groupNorms(dictionary, new Problem[0], new Schedule(1, 0.5, 1, 0.5, 1, 1)));
        assertEquals(
                "provider 'cuda' takes at most 160 equations a system, not 161; choose provider 'vector'",
                refusal.getMessage());
    }
}
