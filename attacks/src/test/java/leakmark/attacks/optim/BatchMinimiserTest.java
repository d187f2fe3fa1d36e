package leakmark.attacks.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import leakmark.attacks.AttackException;
import leakmark.attacks.optim.BatchMinimiser.Watch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatchMinimiserTest {
    private static float[][] starts(int attacks, int variables) {
        Random random = new Random(7);
        float[][] starts = new float[attacks][variables];
        for (float[] start : starts) {
            for (int i = 0; i < variables; i++) {
                start[i] = (float) random.nextGaussian();
            }
        }
        return starts;
    }

    private static double[] wanted(int attacks, double level) {
        double[] wanted = new double[attacks];
        Arrays.fill(wanted, level);
        return wanted;
    }

    @Test
    void strongWolfeFindsRosenbrocksMinimum() {
        List<Minimum> minima = new BatchMinimiser(Lbfgs.strongWolfe(), 500)
                .minimise(Functions.each(10, Functions::rosenbrock), starts(13, 10), wanted(13, 1e-9), Watch.none());
        int global = 0;
        for (Minimum minimum : minima) {
            assertEquals(Ending.CONVERGED, minimum.ending());
            // In ten dimensions there is a second minimum near (−1, 1, …), of value 3.99.
            assertTrue(minimum.loss() <= 1e-9, "loss " + minimum.loss());
            global += Math.abs(minimum.point()[0] - 1) < 1e-3 ? 1 : 0;
            assertTrue(minimum.iterations() <= minimum.evaluations() && minimum.evaluations() < 500);
        }
        assertEquals(13, global);
    }

    /** Quadratic, so that a full step is right: the published rule has nothing to diverge on. */
    @ParameterizedTest
    @ValueSource(strings = {"lbfgs", "lbfgs-published", "adam", "sgd"})
    void everyOptimiserFindsTheQuadraticsMinimum(String name) {
        Optimiser optimiser = Optimisers.byName(name);
        assertEquals(name, optimiser.label());
        for (Minimum minimum : new BatchMinimiser(optimiser, 5000)
                .minimise(Functions.each(6, Functions::quadratic), starts(3, 6), wanted(3, 1e-7), Watch.none())) {
            assertEquals(Ending.CONVERGED, minimum.ending());
            for (int i = 0; i < 6; i++) {
                assertEquals(i, minimum.point()[i], 5e-4, name);
            }
        }
    }

    /** By hand: x₀ = 0, f = (x − 3)²; first step 1/‖g‖₁ = 1/6 to x = 1, then y/s gives the exact 1/2. */
    @Test
    void thePublishedRuleByHand() {
        float[] seen = new float[4];
        int[] evaluation = {0};
        Objective parabola = Functions.each(1, (x, g) -> {
            seen[evaluation[0]++] = x[0];
            g[0] = 2 * (x[0] - 3);
            return (x[0] - 3) * (x[0] - 3);
        });
        Minimum minimum = new BatchMinimiser(Lbfgs.published(), 100)
                .minimise(parabola, new float[1][1], new double[] {-1}, Watch.none())
                .get(0);
        assertArrayEquals(new float[] {0, 1, 3, 0}, seen, 1e-6f);
        assertEquals(Ending.STALLED, minimum.ending());
        assertEquals(3, minimum.evaluations());
    }

    /** No line search: the published rule takes the full step whatever it costs, as torch.optim.LBFGS does. */
    @Test
    void thePublishedRuleClimbs() {
        List<Minimum> minima = new BatchMinimiser(Lbfgs.published(), 40)
                .minimise(Functions.each(10, Functions::rosenbrock), starts(8, 10), wanted(8, 1e-9), Watch.none());
        assertTrue(minima.stream().anyMatch(minimum -> minimum.ending() != Ending.CONVERGED));
    }

    @Test
    void eachEndsByItselfAndTheRestIsLeftAlone() {
        Set<Integer> asked = new TreeSet<>();
        Objective objective = new Objective() {
            @Override
            public int variables() {
                return 2;
            }

            @Override
            public void evaluate(int count, int[] attacks, float[][] points, double[] losses, float[][] gradients) {
                asked.add(count);
                for (int i = 0; i < count; i++) {
                    losses[i] = Functions.quadratic(points[i], gradients[i]);
                    // Attack 1 has no finite loss from its second evaluation on.
                    if (attacks[i] == 1 && points[i][0] != 10) {
                        losses[i] = Double.NaN;
                    }
                }
            }
        };
        float[][] starts = {{0, 1}, {10, 10}, {-4, 9}};
        for (Optimiser optimiser : List.of(Lbfgs.published(), Adam.of(0.1), Sgd.of(0.05, 0))) {
            List<Minimum> minima =
                    new BatchMinimiser(optimiser, 3000).minimise(objective, starts, wanted(3, 1e-8), Watch.none());
            assertEquals(Ending.CONVERGED, minima.get(0).ending());
            assertEquals(1, minima.get(0).evaluations());
            assertEquals(Ending.NOT_FINITE, minima.get(1).ending());
            assertArrayEquals(new float[] {10, 10}, minima.get(1).point());
            assertTrue(minima.get(1).loss() > 0 && minima.get(1).loss() < 1000);
            assertEquals(Ending.CONVERGED, minima.get(2).ending());
        }
        assertEquals(Set.of(1, 2, 3), asked);
    }

    /** A gradient with one infinity is no gradient, whatever the loss says. */
    @Test
    void aGradientThatIsNotFiniteEndsTheSearch() {
        for (String name : Optimisers.names()) {
            Minimum minimum = new BatchMinimiser(Optimisers.byName(name), 100)
                    .minimise(
                            Functions.each(3, (x, g) -> {
                                g[2] = Float.NEGATIVE_INFINITY;
                                return 1;
                            }),
                            new float[1][3],
                            new double[] {0},
                            Watch.none())
                    .get(0);
            assertEquals(Ending.NOT_FINITE, minimum.ending(), name);
            assertEquals(Double.POSITIVE_INFINITY, minimum.loss());
        }
    }

    @Test
    void theLimitAndTheWatchEndWhatRuns() {
        AtomicInteger asked = new AtomicInteger();
        List<Minimum> limited = new BatchMinimiser(Lbfgs.strongWolfe(), 7)
                .minimise(Functions.each(10, Functions::rosenbrock), starts(2, 10), wanted(2, 0), Watch.none());
        limited.forEach(minimum -> {
            assertEquals(Ending.EXHAUSTED, minimum.ending());
            assertEquals(7, minimum.iterations());
        });
        List<Minimum> cancelled = new BatchMinimiser(Lbfgs.strongWolfe(), 1000)
                .minimise(
                        Functions.each(10, Functions::rosenbrock),
                        starts(2, 10),
                        wanted(2, 0),
                        Watch.until(() -> asked.incrementAndGet() > 5));
        cancelled.forEach(minimum -> {
            assertEquals(Ending.CANCELLED, minimum.ending());
            assertEquals(5, minimum.evaluations());
        });
    }

    /** The curve never rises, starts at the start's loss and ends at the result's. */
    @Test
    void theCurveIsTheBestSoFar() {
        float[][] starts = starts(1, 10);
        Minimum minimum = new BatchMinimiser(Adam.of(0.01), 100)
                .minimise(Functions.each(10, Functions::rosenbrock), starts, wanted(1, 0), Watch.none())
                .get(0);
        double[] curve = minimum.curve();
        assertEquals(Functions.rosenbrock(starts[0], new float[10]), curve[0]);
        assertEquals(minimum.loss(), curve[curve.length - 1]);
        assertEquals(1 + 100 / BatchMinimiser.CURVE_STEP, curve.length);
        for (int i = 1; i < curve.length; i++) {
            assertTrue(curve[i] <= curve[i - 1]);
        }
    }

    @Test
    void anUnknownOptimiserIsRefused() {
        AttackException refused = assertThrows(AttackException.class, () -> Optimisers.byName("newton"));
        assertEquals("unknown optimiser 'newton'; there are lbfgs, lbfgs-published, adam, sgd", refused.getMessage());
    }
}
