package leakmark.attacks.encoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NormalTest {
    /** Values of Φ from tables of 16 digits. */
    @ParameterizedTest
    @CsvSource({
        "0, 0.5",
        "1, 0.8413447460685429",
        "-1, 0.15865525393145705",
        "2.5, 0.9937903346742239",
        "-3, 0.0013498980316300933",
        "-4, 3.167124183311992e-5",
        "-6, 9.865876450376981e-10",
        "0.0078, 0.5031117182342763",
        "-1.2345, 0.1085083233626702",
        "-2.9921875, 0.001384930425296859",
        "40, 1",
        "-40, 0"
    })
    void agreesWithTables(double x, double expected) {
        assertEquals(expected, Normal.cumulative(x), 1e-12 * expected + 1e-16);
    }

    @Test
    void notANumberStaysOne() {
        assertTrue(Double.isNaN(Normal.cumulative(Double.NaN)));
    }
}
