package leakmark.attacks.dager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import leakmark.kernels.HostRowSpace;
import leakmark.kernels.RankDecision;
import leakmark.kernels.RowSpace;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SeparationTest {
    /** The first r coordinates of d. */
    private static RowSpace space(int d, int r, double noiseToSignal) {
        double[] basis = new double[d * r];
        for (int c = 0; c < r; c++) {
            basis[c * d + c] = 1;
        }
        return new HostRowSpace(d, new RankDecision(r, 1e-3, noiseToSignal * 1e-3, 4e-6), basis);
    }

    @ParameterizedTest
    @CsvSource({"100, 0", "100, 36", "100, 99", "7, 3"})
    void randomVectorsLieWhereTheyAreSaidTo(int d, int rank) {
        Random random = new Random(5);
        int trials = 4000;
        double squares = 0;
        for (int t = 0; t < trials; t++) {
            double outside = 0;
            double whole = 0;
            for (int e = 0; e < d; e++) {
                double x = random.nextGaussian();
                whole += x * x;
                outside += e >= rank ? x * x : 0;
            }
            squares += outside / whole / trials;
        }
        // Four standard errors: the ratio's variance is under 2(1 − r/d)/d.
        double spread = 4 * Math.sqrt(2 * (1 - (double) rank / d) / d / trials);
        double expected = Separation.ofRandomVectors(space(d, rank, 1e-4));
        assertEquals(squares, expected * expected, spread);
    }

    @ParameterizedTest
    @CsvSource({"100000, 8", "100000, 4", "3000, 2"})
    void theNearestOfManyLiesWhereItIsSaidTo(int tried, int coordinates) {
        Random random = new Random(6);
        double nearest = Double.POSITIVE_INFINITY;
        for (int t = 0; t < tried; t++) {
            double squares = 0;
            for (int c = 0; c < coordinates; c++) {
                double x = random.nextGaussian();
                squares += x * x;
            }
            nearest = Math.min(nearest, Math.sqrt(squares / coordinates));
        }
        double expected = Separation.nearest(tried, coordinates);
        assertTrue(nearest > expected / 3 && nearest < 3 * expected, nearest + " for an expected " + expected);
    }

    @ParameterizedTest
    @CsvSource({"1e-6", "1e-3", "0.02", "0.5", "1"})
    void theCutLiesBetween(double noiseToSignal) {
        RowSpace space = space(50, 20, noiseToSignal);
        double others = Separation.ofWrongTokens(space);
        double members = Separation.ofMembers(space, others);
        double cut = Separation.cut(space, others);
        assertTrue(members <= cut && cut <= others, members + " ≤ " + cut + " ≤ " + others);
        assertTrue(cut > 0 && others < Separation.ofWrongTokensAtLayer2(space));
    }

    /** η = 1e-4: members to 5e-5, others from 0.02; the cut is their geometric mean. */
    @Test
    void handComputed() {
        assertEquals(1e-3, Separation.cut(space(50, 20, 1e-4), 0.02), 1e-12);
        assertEquals(1, Separation.nearest(0, 8));
    }
}
