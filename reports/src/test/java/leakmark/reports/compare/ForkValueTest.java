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
}
