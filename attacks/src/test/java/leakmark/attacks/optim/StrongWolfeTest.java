package leakmark.attacks.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class StrongWolfeTest {
    /** Functions of one variable, their derivatives, and first steps from far too short to far too long. */
    static Stream<Arguments> functions() {
        return Stream.of(1e-4, 0.1, 1.0, 30.0, 1e4)
                .flatMap(step -> Stream.of(
                        function("parabola", t -> (t - 3) * (t - 3), t -> 2 * (t - 3), step),
                        function("quartic", t -> Math.pow(t - 2, 4) - t, t -> 4 * Math.pow(t - 2, 3) - 1, step),
                        // Moré and Thuente's first and third test function, the second with wiggles.
                        function(
                                "rational",
                                t -> -t / (t * t + 2),
                                t -> (t * t - 2) / ((t * t + 2) * (t * t + 2)),
                                step),
                        function(
                                "wiggles",
                                t -> (t - 5) * (t - 5) + Math.sin(8 * t),
                                t -> 2 * (t - 5) + 8 * Math.cos(8 * t),
                                step),
                        function(
                                "wall",
                                t -> t < 2 ? -Math.log(2 - t) - 2 * t : Double.NaN,
                                t -> 1 / (2 - t) - 2,
                                step)));
    }

    private static Arguments function(String name, DoubleUnaryOperator f, DoubleUnaryOperator slope, double step) {
        return Arguments.of(name, f, slope, step);
    }

    @ParameterizedTest(name = "{0} from {3}")
    @MethodSource("functions")
    void theResultSatisfiesBothConditions(
            String name, DoubleUnaryOperator f, DoubleUnaryOperator slope, double firstStep) {
        StrongWolfe search = new StrongWolfe();
        double f0 = f.applyAsDouble(0);
        double s0 = slope.applyAsDouble(0);
        if (s0 >= 0) {
            // The wiggles start uphill.
            return;
        }
        search.start(f0, s0, firstStep, 1e-12);
        int evaluations = 0;
        boolean over = false;
        while (!over) {
            evaluations++;
            over = search.tell(f.applyAsDouble(search.trial()), slope.applyAsDouble(search.trial()));
        }
        double t = search.lowStep();
        assertTrue(t > 0 && evaluations <= 25, name + ": " + t + " after " + evaluations);
        assertTrue(f.applyAsDouble(t) <= f0 + 1e-4 * t * s0);
        assertTrue(Math.abs(slope.applyAsDouble(t)) <= 0.9 * Math.abs(s0));
        assertEquals(f.applyAsDouble(t), search.lowLoss());
    }

    @Test
    void uphillEverywhereGivesNoStep() {
        StrongWolfe search = new StrongWolfe();
        search.start(1, -1e-9, 1, 1e-9);
        int evaluations = 0;
        while (!search.tell(1 + search.trial(), 1)) {
            evaluations++;
        }
        assertEquals(0, search.lowStep());
        assertTrue(evaluations < 25);
    }
}
