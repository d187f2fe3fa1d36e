package leakmark.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import leakmark.kernels.dense.DenseAlgebra;
import leakmark.kernels.dense.SmallLeastSquares;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SmallLeastSquaresTest {
    /** A line through (0, 1), (1, 2), (2, 4) by hand: 5/6 + 3/2 x, rest 1/√6. */
    @Test
    void fitsALine() {
        double[] b = {1, 2, 4};
        double[] x = SmallLeastSquares.solve(new double[] {1, 1, 1, 0, 1, 2}, 3, 2, b, 1);
        assertArrayEquals(new double[] {5.0 / 6, 1.5}, x, 1e-14);
        assertEquals(1 / Math.sqrt(6), Math.abs(b[2]), 1e-14);
    }

    /** LAPACK's answer is the oracle of the larger ones, and of the library's own QR. */
    @ParameterizedTest
    @CsvSource({"1, 1, 1", "7, 7, 3", "65, 49, 24", "130, 31, 2"})
    void agreesWithLapack(int m, int n, int columns) {
        double[] a = new Random(m).doubles((long) m * n, -1, 1).toArray();
        double[] b = new Random(n).doubles((long) m * columns, -1, 1).toArray();
        double[] expected = DenseAlgebra.leastSquares(a.clone(), m, n, b, columns);
        double[] rest = b.clone();
        // The condition of these matrices is under 1e3.
        assertArrayEquals(expected, SmallLeastSquares.solve(a.clone(), m, n, rest, columns), 1e-9);
        DenseAlgebra.Fit fit = DenseAlgebra.fullRankLeastSquares(a.clone(), m, n, b.clone(), columns);
        assertArrayEquals(expected, fit.solution(), 1e-9);
        double below = 0;
        double whole = 0;
        for (int i = 0; i < b.length; i++) {
            below += i % m >= n ? rest[i] * rest[i] : 0;
            whole += b[i] * b[i];
        }
        assertEquals(Math.sqrt(below / whole), fit.relativeRest(), 1e-9);
        assertTrue(m > n ? fit.relativeRest() > 0.01 : fit.relativeRest() == 0);
    }
}
