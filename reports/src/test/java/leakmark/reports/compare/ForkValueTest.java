package leakmark.reports.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import leakmark.reports.result.Result.Better;
import org.junit.jupiter.api.Test;

class ForkValueTest {
    /** Two thirds of the fork lie in a burst that doubles times: the median is wrong by two, this is not. */
    @Test
    void aBurstDoesNotMoveIt() {
        assertEquals(5.0, ForkValue.of(List.of(10.2, 10.0, 5.1, 10.1, 5.0, 10.4), Better.LOWER));
        assertEquals(0.2, ForkValue.of(List.of(0.1, 0.2, 0.09), Better.HIGHER));
        assertThrows(IllegalArgumentException.class, () -> ForkValue.of(List.of(), Better.LOWER));
    }

    /** Head is 10 % slower; a burst of three cycles makes everything slow, single spikes hit either side. */
    @Test
    void burstsAndSpikesCancelInTurns() {
        List<Double> base = List.of(10.0, 20.0, 20.0, 20.0, 10.0, 47.0, 10.0, 10.0, 10.0);
        List<Double> head = List.of(11.0, 22.0, 22.0, 22.0, 11.0, 11.0, 90.0, 11.0, 11.0);
        assertEquals(1.1, ForkValue.ratio(base, head, 0), 1e-12);
        assertEquals(1.1, ForkValue.ratio(base, head, 0.25), 1e-12);
        assertEquals(1 / 1.1, ForkValue.ratio(head, base, -0.25), 1e-12);
    }

    /** Times double from cycle to cycle, head a third of a cycle later (or earlier) is the same code. */
    @Test
    void driftCancelsInTurns() {
        List<Double> base = List.of(1.0, 2.0, 4.0, 8.0, 16.0);
        List<Double> later = base.stream().map(x -> x * Math.cbrt(2)).toList();
        List<Double> earlier = base.stream().map(x -> x / Math.cbrt(2)).toList();
        assertEquals(1, ForkValue.ratio(base, later, 1.0 / 3), 1e-12);
        assertEquals(1, ForkValue.ratio(base, earlier, -1.0 / 3), 1e-12);
        assertThrows(IllegalArgumentException.class, () -> ForkValue.ratio(base, List.of(1.0), 0.5));
        assertThrows(IllegalArgumentException.class, () -> ForkValue.ratio(List.of(), List.of(), 0.5));
        assertThrows(IllegalArgumentException.class, () -> ForkValue.ratio(base, base, 1));
    }
}
