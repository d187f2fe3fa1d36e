package leakmark.reports.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class SampleTest {
    /** 2, 4, 4, 4, 5, 5, 7, 9 have mean 5 and squares 32; t(0.975, 7) = 2.364624 by the table. */
    @Test
    void ofEightValues() {
        Sample sample = Sample.of(2, 4, 4, 4, 5, 5, 7, 9);
        assertEquals(5, sample.mean());
        assertEquals(Math.sqrt(32 / 7.0), sample.deviation(), 1e-15);
        assertEquals(2.364624 * Math.sqrt(32 / 7.0 / 8), sample.halfWidth(0.025), 1e-6);
    }

    @Test
    void oneValueHasNoSpread() {
        assertEquals(new Sample(3, 0, 1), Sample.of(3));
        assertThrows(IllegalArgumentException.class, Sample::of);
    }
}
