package leakmark.kernels.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

class LaneSumsTest {
    /** Enough for the interpreter, both compilers and what lies between to have their turn. */
    private static final int CALLS = 100_000;

    @Test
    void floatsAreAddedByHalvesInterpretedAndCompiled() {
        SplittableRandom random = new SplittableRandom(1);
        float[] values = new float[Species.LANES];
        for (int call = 0; call < CALLS; call++) {
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) random.nextDouble(-1, 1);
            }
            float[] halves = values.clone();
            for (int half = halves.length / 2; half > 0; half /= 2) {
                for (int i = 0; i < half; i++) {
                    halves[i] += halves[i + half];
                }
            }
            assertEquals(halves[0], LaneSums.laneSum(FloatVector.fromArray(Species.FLOAT, values, 0)), "call " + call);
        }
    }

    @Test
    void doublesAreAddedByHalvesInterpretedAndCompiled() {
        SplittableRandom random = new SplittableRandom(2);
        double[] values = new double[Species.DOUBLE.length()];
        for (int call = 0; call < CALLS; call++) {
            for (int i = 0; i < values.length; i++) {
                values[i] = random.nextDouble(-1, 1);
            }
            double[] halves = values.clone();
            for (int half = halves.length / 2; half > 0; half /= 2) {
                for (int i = 0; i < half; i++) {
                    halves[i] += halves[i + half];
                }
            }
            assertEquals(
                    halves[0], LaneSums.laneSum(DoubleVector.fromArray(Species.DOUBLE, values, 0)), "call " + call);
        }
    }
}
