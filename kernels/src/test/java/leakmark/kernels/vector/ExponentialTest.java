package leakmark.kernels.vector;

import static org.junit.jupiter.api.Assertions.assertTrue;

import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

class ExponentialTest {
    @Test
    void isAccurateForNonPositiveArguments() {
        float[] x = new float[Species.LANES];
        float[] y = new float[Species.LANES];
        for (float start = 0; start > -86; start -= 0.01f * Species.LANES) {
            for (int lane = 0; lane < x.length; lane++) {
                x[lane] = Math.max(-86.9f, start - 0.01f * lane);
            }
            Exponential.of(FloatVector.fromArray(Species.FLOAT, x, 0)).intoArray(y, 0);
            for (int lane = 0; lane < x.length; lane++) {
                double expected = Math.exp(x[lane]);
                assertTrue(Math.abs(y[lane] - expected) <= 3e-7 * expected, x[lane] + " gives " + y[lane]);
            }
        }
    }

    @Test
    void vanishesFarBelowZero() {
        FloatVector result = Exponential.of(FloatVector.broadcast(Species.FLOAT, -1e30f));
        assertTrue(result.lane(0) >= 0 && result.lane(0) < 1e-37f);
    }
}
