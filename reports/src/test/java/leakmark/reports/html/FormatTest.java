package leakmark.reports.html;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import leakmark.reports.result.Units;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FormatTest {
    @ParameterizedTest
    @CsvSource({
        "0.1124, 112 ms",
        "0.9994, 999 ms",
        "0.99951, 1.00 s",
        "1.5e-5, 15.0 µs",
        "3e-9, 3.00 ns",
        "92.44, 92.4 s",
        "599.4, 599 s",
        "600, 10.0 min",
        "0, 0 s"
    })
    void seconds(double value, String text) {
        assertEquals(text, Format.seconds(value));
    }

    @ParameterizedTest
    @CsvSource({"0.25, 0.250", "1.2345, 1.23", "9.996, 10.0", "99.96, 100", "512.4, 512", "-3.14159, -3.14"})
    void digits(double value, String text) {
        assertEquals(text, Format.digits(value));
    }

    @Test
    void commandsCanBePasted() {
        assertEquals("./leakmark run --note 'it'\\''s $HOME'", Format.command(List.of("run", "--note", "it's $HOME")));
    }

    @Test
    void unitsAreFactors() {
        assertEquals(1e-6, Units.seconds("us/op").orElseThrow(), 0);
        assertTrue(Units.seconds("ops/s").isEmpty());
        assertEquals(1e12, Units.relativeTo("FLOP/s", "TFLOP/s").orElseThrow(), 0);
        assertEquals(1e9, Units.relativeTo("B/s", "GB/s").orElseThrow(), 0);
        assertTrue(Units.relativeTo("B/s", "GFLOP/s").isEmpty());
    }

    @Test
    void ticksAreRoundAndWithin() {
        for (double[] ends : new double[][] {{1, 1}, {0.9, 1.1}, {1e-9, 1e6}, {3, 700}}) {
            LogScale scale = LogScale.over(ends, 300, 20);
            assertTrue(scale.pixel(ends[0]) <= 300 && scale.pixel(ends[1]) >= 20);
            assertFalse(scale.ticks().isEmpty());
            assertTrue(scale.ticks().size() <= 8);
            scale.ticks().forEach(tick -> assertTrue(tick >= scale.low() && tick <= scale.high()));
        }
    }
}
