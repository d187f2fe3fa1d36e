package leakmark.reports.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import leakmark.reports.result.Result.Better;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    /** Of equal sides half err one way: spikes only ever add time, and hit a quarter of all iterations. */
    @ParameterizedTest
    @ValueSource(doubles = {0.25, -0.25, 0.5, 0.75})
    void equalSidesAreEqual(double offset) {
        Random random = new Random(20261122);
        int rounds = 2000;
        double sum = 0;
        double squares = 0;
        for (int round = 0; round < rounds; round++) {
            List<Double> base = spiked(random);
            List<Double> head = spiked(random);
            double log = Math.log(ForkValue.ratio(base, head, offset));
            assertEquals(-log, Math.log(ForkValue.ratio(head, base, -offset)), 1e-12);
            sum += log;
            squares += log * log;
        }
        double error = Math.sqrt(squares) / rounds;
        assertEquals(0, sum / rounds, 3 * error);
        assertTrue(error < 0.0005, "too few rounds to see a bias: " + error);
    }

    private static List<Double> spiked(Random random) {
        return DoubleStream.generate(
                        () -> 1 + 0.02 * random.nextDouble() + (random.nextInt(4) == 0 ? 0.3 * random.nextDouble() : 0))
                .limit(50)
                .boxed()
                .toList();
    }

    /** Times double from cycle to cycle, head a third of a cycle later (or earlier) is the same code. */
    @Test
    void driftCancelsInTurns() {
        List<Double> base = List.of(1.0, 2.0, 4.0, 8.0, 16.0);
        List<Double> later = base.stream().map(x -> x * Math.cbrt(2)).toList();
        List<Double> earlier = base.stream().map(x -> x / Math.cbrt(2)).toList();
        assertEquals(1, ForkValue.ratio(base, later, 1.0 / 3), 1e-12);
        assertEquals(1, ForkValue.ratio(base, earlier, -1.0 / 3), 1e-12);
        assertEquals(3, ForkValue.ratio(List.of(1.0), List.of(3.0), 0.5), 1e-12);
        assertThrows(IllegalArgumentException.class, () -> ForkValue.ratio(base, List.of(1.0), 0.5));
        assertThrows(IllegalArgumentException.class, () -> ForkValue.ratio(List.of(), List.of(), 0.5));
        assertThrows(IllegalArgumentException.class, () -> ForkValue.ratio(base, base, 1));
    }
}
