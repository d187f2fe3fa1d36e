package leakmark.kernels.vector.matching;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.SplittableRandom;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import leakmark.kernels.vector.Species;
import org.junit.jupiter.api.Test;

class LaneSumsTest {
    /** Enough for the interpreter, both compilers and what lies between to have their turn. */
    private static final int CALLS = 50_000;

    @Test
    void floatsAreAddedByHalvesInterpretedAndCompiled() {
        SplittableRandom random = new SplittableRandom(1);
        int lanes = Species.LANES;
        float[] values = new float[4 * lanes];
        float[] sums = new float[6];
        for (int call = 0; call < CALLS; call++) {
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) random.nextDouble(-1, 1);
            }
            FloatVector a = FloatVector.fromArray(Species.FLOAT, values, 0);
            LaneSums.laneSums(
                    a,
                    FloatVector.fromArray(Species.FLOAT, values, lanes),
                    FloatVector.fromArray(Species.FLOAT, values, 2 * lanes),
                    FloatVector.fromArray(Species.FLOAT, values, 3 * lanes),
                    sums,
                    1);
            assertEquals(byHalves(values, 0, lanes), LaneSums.laneSum(a), "call " + call);
            for (int vector = 0; vector < 4; vector++) {
                assertEquals(byHalves(values, vector * lanes, lanes), sums[1 + vector], "call " + call);
            }
        }
        assertEquals(0, sums[0]);
        assertEquals(0, sums[5]);
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

    private static float byHalves(float[] values, int from, int count) {
        float[] lanes = Arrays.copyOfRange(values, from, from + count);
        for (int half = count / 2; half > 0; half /= 2) {
            for (int i = 0; i < half; i++) {
                lanes[i] += lanes[i + half];
            }
        }
        return lanes[0];
    }
}
