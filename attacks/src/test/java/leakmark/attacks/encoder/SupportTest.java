package leakmark.attacks.encoder;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class SupportTest {
    @Test
    void cutsInTheMiddleOfTheWidestStep() {
        assertEquals(Math.sqrt(0.5 * 1e-4), Support.cut(new double[] {1e-5, 1, 0.5, 1e-4, 0.8}, 5, 8), 1e-12);
    }

    @Test
    void noStepNoCut() {
        assertEquals(Double.POSITIVE_INFINITY, Support.cut(new double[] {1, 0.5, 0.2, 0.1}, 4, 8));
    }

    /** The widest step lies behind more atoms than there are equations. */
    @Test
    void supportsAreNoLargerThanTheEquations() {
        assertEquals(Double.POSITIVE_INFINITY, Support.cut(new double[] {1, 0.9, 0.8, 1e-6}, 2, 8));
    }

    /** Exact zeros are no step of their own. */
    @Test
    void roundingIsNoStep() {
        assertEquals(Math.sqrt(1e-2 * 1e-8), Support.cut(new double[] {1, 1e-2, 1e-8, 0, 0}, 4, 200), 1e-12);
    }
}
