package leakmark.kernels.vector.matching;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.Stream;
import jdk.incubator.vector.FloatVector;
import leakmark.kernels.vector.LaneSums;
import leakmark.kernels.vector.SimdHostVectors;
import leakmark.kernels.vector.Species;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LaneSumsTest {
    /** Enough for the interpreter, both compilers and what lies between to have their turn. */
    private static final int CALLS = 20_000;

    /** With {@code reduceLanes(ADD)} the first call and the last differ in the last bits, from JDK 23 on. */
    @ParameterizedTest
    @MethodSource("dots")
    void dotsHaveTheSameBitsInterpretedAndCompiled(ToDoubleBiFunction<float[], float[]> dot) {
        int count = 9 * Species.LANES + 3;
        SplittableRandom random = new SplittableRandom(1);
        float[] a = new float[count];
        float[] b = new float[count];
        double exact = 0;
        for (int i = 0; i < count; i++) {
            a[i] = (float) random.nextDouble(-1, 1);
            b[i] = (float) random.nextDouble(-1, 1);
            exact += (double) a[i] * b[i];
        }
        double first = dot.applyAsDouble(a, b);
        assertEquals(exact, first, 1e-6 * count);
        for (int call = 0; call < CALLS; call++) {
            assertEquals(first, dot.applyAsDouble(a, b), "call " + call);
        }
    }

    /** The sums of gradient matching, and those of its optimisers. */
    static Stream<Named<ToDoubleBiFunction<float[], float[]>>> dots() {
        SimdHostVectors host = new SimdHostVectors();
        return Stream.of(
                Named.of("Lanes.dot", (a, b) -> Lanes.dot(a, 0, b, 0, a.length)),
                Named.of("SimdHostVectors.dot", host::dot),
                Named.of(
                        "SimdHostVectors.addScaledThenDot",
                        (a, b) -> host.addScaledThenDot(new float[a.length], 1, a, b)));
    }

    @Test
    void sumsAreThoseOfTheVectorsStored() {
        float[] lanes = LaneSums.floats();
        for (int vector = 0; vector < 4; vector++) {
            FloatVector.broadcast(Species.FLOAT, vector + 0.5f).intoArray(lanes, vector * Species.LANES);
        }
        for (int vector = 0; vector < 4; vector++) {
            assertEquals((vector + 0.5f) * Species.LANES, LaneSums.sum(lanes, vector));
        }
        double[] doubles = LaneSums.doubles();
        Arrays.setAll(doubles, i -> i);
        assertEquals(doubles.length * (doubles.length - 1) / 2.0, LaneSums.sum(doubles));
    }
}
