package leakmark.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class RankGapTest {
    @Test
    void cutsAtTheStepIntoTheNoise() {
        RankDecision decision = RankGap.decide(new double[] {0.9, 0.1, 2e-4, 3e-8, 2.5e-8, 2e-8});
        assertEquals(3, decision.rank());
        assertEquals(2e-4, decision.lastKept());
        assertEquals(3e-8, decision.firstDropped());
        assertEquals(1.5e-4, decision.noiseToSignal(), 1e-12);
    }

    /** The widest step is inside the signal; the one that ends in noise counts. */
    @Test
    void aWiderStepAboveTheNoiseIsNoRank() {
        assertEquals(3, RankGap.decide(new double[] {1, 1e-4, 1e-4, 1e-7, 1e-7}).rank());
    }

    /** A signal weaker than the noise bound is kept as long as its step down is the widest. */
    @Test
    void signalUnderTheBoundIsKept() {
        assertEquals(
                4,
                RankGap.decide(new double[] {0.9, 1e-2, 1e-5, 2e-6, 2e-8, 1.9e-8})
                        .rank());
    }

    @Test
    void exactZerosAreOneGapOnly() {
        RankDecision decision = RankGap.decide(new double[] {1, 0.5, 0, 0});
        assertEquals(2, decision.rank());
        assertEquals(2e-12, decision.noiseToSignal(), 1e-15);
        assertEquals(2, RankGap.decide(new double[] {1, 0.5, 1e-20, 0}).rank());
    }

    /** All singular values fall evenly but at the gap; pivots do not, so that the same step is none among them. */
    @Test
    void allSingularValuesNeedANarrowerStep() {
        double[] values = {1, 1e-2, 4e-6, 2e-6, 1e-6, 5e-7, 2.5e-7, 1.2e-7, 2e-8, 1.7e-8, 1.5e-8};
        assertEquals(8, RankGap.decideOnAll(values).rank());
        assertEquals(2 / 12.0, RankGap.decideOnAll(values).noiseToSignal(), 1e-9);
        assertFalse(RankGap.decide(values).hasGap());
        assertFalse(RankGap.decideOnAll(Arrays.copyOf(values, 8)).hasGap());
        // A step inside the signal, and of two wide ones the one that ends in rounding.
        assertFalse(RankGap.decideOnAll(new double[] {1, 1e-5, 7.4e-6, 2.1e-6, 9e-7, 4e-7})
                .hasGap());
        assertEquals(
                3,
                RankGap.decideOnAll(new double[] {1, 1.2e-5, 9.7e-7, 7.9e-8, 6.5e-8})
                        .rank());
    }

    @Test
    void noStepIsNoGap() {
        assertFalse(RankGap.decide(new double[0]).hasGap());
        assertFalse(RankGap.decide(new double[] {1}).hasGap());
        assertFalse(RankGap.decide(new double[] {1, 0.9, 0.8, 1e-3}).hasGap());
        // A slow slide through the bound, each step a factor of 7.
        double[] slide = new double[12];
        for (int i = 0; i < slide.length; i++) {
            slide[i] = Math.pow(7, -i);
        }
        RankDecision decision = RankGap.decide(slide);
        assertFalse(decision.hasGap());
        assertEquals(1, decision.noiseToSignal());
        assertTrue(decision.rank() < 0);
        assertFalse(RankGap.decide(new double[] {Double.NaN, Double.NaN}).hasGap());
    }
}
