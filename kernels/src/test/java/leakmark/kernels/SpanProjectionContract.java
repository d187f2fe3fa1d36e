package leakmark.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What every provider's row spaces must satisfy; the oracle is how the gradient was made. */
public abstract class SpanProjectionContract {
    /** Under test. */
    protected abstract SpanProjection projection();

    private record Made(Matrix inputs, Matrix gradient) {}

    /** G = Xᵀ D with X of {@code rank} rows: its column space is the span of the rows of X. */
    private static Made gradient(int d, int m, int rank, long seed) {
        Matrix transposedInputs = Data.gaussian(d, rank, 1, seed);
        return new Made(transposedInputs, Data.product(transposedInputs, Data.gaussian(rank, m, 1e-4, seed + 1)));
    }

    private static double[] column(Matrix matrix, int c) {
        double[] result = new double[matrix.rows()];
        for (int i = 0; i < result.length; i++) {
            result[i] = matrix.at(i, c);
        }
        return result;
    }

    private static double relative(double[] residual, double[] vector) {
        double a = 0;
        double b = 0;
        for (int i = 0; i < vector.length; i++) {
            a += residual[i] * residual[i];
            b += vector[i] * vector[i];
        }
        return Math.sqrt(a / b);
    }

    @ParameterizedTest
    @CsvSource({"16,48,1", "16,48,15", "33,99,20", "64,192,31", "64,64,40", "207,621,150", "130,7,6"})
    void findsRankAndSpan(int d, int m, int rank) {
        Made made = gradient(d, m, rank, 7L * d + rank);
        try (RowSpace space = projection().rowSpace(made.gradient)) {
            assertSpans(space, made, d, rank);
        }
    }

    private void assertSpans(RowSpace space, Made made, int d, int rank) {
        assertTrue(space.decision().hasGap());
        assertEquals(rank, space.rank());
        for (int c = 0; c < rank; c++) {
            double[] inside = column(made.inputs, c);
            double outside = relative(projection().residuals(space, inside), inside);
            // Rounding of G (2⁻²⁴) over the weakest kept direction, which is 1/rank or so of the strongest.
            assertTrue(outside <= 1e-4, "in-span residual " + outside);
        }
        Random random = new Random(3);
        double[] vector = random.doubles(d, -1, 1).toArray();
        double expected = Math.sqrt((double) (d - rank) / d);
        double outside = relative(projection().residuals(space, vector), vector);
        assertTrue(Math.abs(outside - expected) <= 0.5 * expected, outside + " for an expected " + expected);
    }

    @Test
    void basisIsOrthonormal() {
        double[] q;
        try (RowSpace space = projection().rowSpace(gradient(65, 195, 33, 5).gradient)) {
            q = space.basis();
        }
        for (int a = 0; a < 33; a++) {
            for (int b = 0; b <= a; b++) {
                double dot = 0;
                for (int i = 0; i < 65; i++) {
                    dot += q[a * 65 + i] * q[b * 65 + i];
                }
                assertEquals(a == b ? 1 : 0, dot, 1e-12);
            }
        }
    }

    @Test
    void complementSketchIsOrthonormalAndOrthogonal() {
        Made made = gradient(48, 144, 30, 11);
        try (RowSpace space = projection().rowSpace(made.gradient)) {
            assertSketches(space, projection().complementSketch(space, 8, 4));
        }
    }

    private void assertSketches(RowSpace space, Matrix sketch) {
        for (int a = 0; a < 8; a++) {
            double[] n = column(sketch, a);
            for (int b = 0; b < 8; b++) {
                double[] other = column(sketch, b);
                double dot = 0;
                for (int i = 0; i < 48; i++) {
                    dot += n[i] * other[i];
                }
                assertEquals(a == b ? 1 : 0, dot, 1e-6);
            }
            // Orthogonal to the space: nothing of it is removed by the projection.
            assertEquals(1, relative(projection().residuals(space, n), n), 1e-6);
        }
    }

    @Test
    void distancesAreRelativeLengthsOfResiduals() {
        Made made = gradient(33, 99, 20, 6);
        double[] vectors = new Random(8).doubles(7 * 33, -1, 1).toArray();
        try (RowSpace space = projection().rowSpace(made.gradient)) {
            double[] rests = projection().residuals(space, vectors);
            double[] distances = projection().distances(space, vectors);
            assertEquals(7, distances.length);
            for (int i = 0; i < 7; i++) {
                double[] rest = Arrays.copyOfRange(rests, i * 33, (i + 1) * 33);
                double[] vector = Arrays.copyOfRange(vectors, i * 33, (i + 1) * 33);
                assertEquals(relative(rest, vector), distances[i], 1e-13);
            }
        }
    }

    @Test
    void appendedDirectionsJoinTheSpaceOnce() {
        Made made = gradient(40, 120, 12, 2);
        float[] fresh = Data.gaussian(1, 40, 1, 99).data();
        float[] known = Data.gaussian(1, 40, 0, 1).data();
        for (int i = 0; i < 40; i++) {
            known[i] = made.gradient.at(i, 0);
        }
        try (RowSpace space = projection().rowSpace(made.gradient, fresh, known)) {
            assertEquals(12, space.decision().rank());
            assertEquals(13, space.rank());
        }
    }

    @Test
    void fullRankAndZeroHaveNoGap() {
        assertFalse(hasGap(Data.gaussian(32, 96, 1, 1)));
        assertFalse(hasGap(Matrix.zeros(32, 96)));
        // Noise of one part in a thousand drowns the gap: the decision says so instead of guessing.
        Matrix noisy = gradient(32, 96, 10, 1).gradient;
        Matrix noise = Data.gaussian(32, 96, 1e-7, 5);
        for (int i = 0; i < noisy.data().length; i++) {
            noisy.data()[i] += noise.data()[i];
        }
        assertFalse(hasGap(noisy));
    }

    private boolean hasGap(Matrix gradient) {
        try (RowSpace space = projection().rowSpace(gradient)) {
            return space.decision().hasGap();
        }
    }
}
