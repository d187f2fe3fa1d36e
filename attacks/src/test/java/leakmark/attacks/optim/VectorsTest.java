package leakmark.attacks.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VectorsTest {
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 299})
    void oneValueThatIsNotFiniteIsSeen(int at) {
        float[] x = new float[300];
        assertTrue(Vectors.isFinite(x));
        java.util.Arrays.fill(x, Float.MAX_VALUE);
        assertTrue(Vectors.isFinite(x));
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            x[at] = bad;
            assertFalse(Vectors.isFinite(x));
        }
        assertEquals(300, x.length);
    }
}
