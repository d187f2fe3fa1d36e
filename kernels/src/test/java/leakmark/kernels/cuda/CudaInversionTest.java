package leakmark.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import leakmark.kernels.matching.Cases;
import leakmark.kernels.matching.Distance;
import leakmark.kernels.matching.GradientMatching.Evaluator;
import leakmark.kernels.matching.Layer.Activation;
import leakmark.kernels.matching.Network;
import leakmark.kernels.matching.Networks;
import leakmark.kernels.matching.ResidentInversion;
import leakmark.kernels.matching.ResidentInversion.Attacks;
import leakmark.kernels.matching.ResidentInversion.Rule;
import leakmark.kernels.matching.ResidentInversion.Status;
import leakmark.kernels.matching.Shape.Image;
import leakmark.kernels.scalar.matching.ScalarEvaluation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Whole attacks on the device; its optimiser beside the CPU's is tested where that one is, in the attacks. */
@ExtendWith(NoLeaks.class)
class CudaInversionTest {
    private static final Network LENET = Networks.leNet(new Image(1, 8, 8), 4, Activation.SIGMOID);
    private static final float[] PARAMETERS = Networks.uniform(LENET, 0.5, 3);
    private static final int VARIABLES = 64 + 4;

    private static ResidentInversion device() {
        return new CudaKernels().gradientMatching().residentInversion().orElseThrow();
    }

    private static Rule rule(int iterations) {
        return new Rule(20, iterations, 1, false);
    }

    private static float[] picture(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] pixels = new float[64];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (float) random.nextDouble();
        }
        return pixels;
    }

    private static float[] shared(float[] picture, int label) {
        float[] logits = new float[4];
        logits[label] = 400;
        double[] exact =
                new ScalarEvaluation(LENET, widened(PARAMETERS), 1).gradient(widened(picture), widened(logits));
        float[] gradient = new float[exact.length];
        for (int k = 0; k < gradient.length; k++) {
            gradient[k] = (float) exact[k];
        }
        return gradient;
    }

    private static double[] widened(float[] values) {
        double[] result = new double[values.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = values[i];
        }
        return result;
    }

    private static double squaredNorm(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += (double) value * value;
        }
        return sum;
    }

    /** Two attacks, one from a scaled input with its label known: the pictures come back. */
    @Test
    void recoversPictures() {
        StandIn.unrecorded();
        for (boolean known : new boolean[] {false, true}) {
            float[] picture = picture(known ? 1 : 2);
            float[] gradient = shared(picture, 2);
            double scale = known ? 0.5 : 1;
            try (Attacks attacks =
                    device().open(LENET, PARAMETERS, 1, 1, Distance.squared(), new Rule(20, 2000, scale, known))) {
                assertEquals(known ? 64 : VARIABLES, attacks.variables());
                float[] labels = known ? new float[] {0, 0, 400, 0} : new float[0];
                double wanted = 2e-8 * squaredNorm(gradient);
                attacks.start(0, gradient, Cases.gaussian(attacks.variables(), 1, 7), labels, wanted);
                double before = Double.POSITIVE_INFINITY;
                while (attacks.advance(50) > 0) {
                    assertTrue(attacks.distance(0) <= before);
                    before = attacks.distance(0);
                    assertEquals(0, attacks.evaluations(0) % 50);
                }
                assertEquals(Status.CONVERGED, attacks.status(0));
                assertTrue(attacks.distance(0) <= wanted);
                float[] best = new float[attacks.variables()];
                attacks.best(0, best);
                double error = 0;
                for (int i = 0; i < 64; i++) {
                    error += Math.pow(scale * best[i] - picture[i], 2) / 64;
                }
                assertTrue(error < 1e-3, "mean squared error " + error);
                if (!known) {
                    assertTrue(best[66] > Math.max(Math.max(best[64], best[65]), best[67]));
                }
            }
        }
    }

    /** The distance it starts from is the oracle's, and that of the evaluator to the last bit. */
    @Test
    void startsAtTheDistanceOfTheStart() {
        float[] gradient = shared(picture(5), 0);
        float[] start = Cases.gaussian(VARIABLES, 1, 1);
        float[] x = java.util.Arrays.copyOf(start, 64);
        float[] l = java.util.Arrays.copyOfRange(start, 64, VARIABLES);
        for (Distance distance :
                new Distance[] {Distance.squared(), Distance.cosine(), Distance.squaredAndAbsolute(0.1)}) {
            double[] value = new double[1];
            try (Evaluator evaluator = new CudaKernels().gradientMatching().open(LENET, PARAMETERS, 1, 1, distance)) {
                evaluator.target(0, gradient);
                evaluator.evaluate(new int[] {0}, 1, x, l, value, new float[64], new float[4]);
            }
            double exact = new ScalarEvaluation(LENET, widened(PARAMETERS), 1)
                    .evaluate(widened(x), widened(l), widened(gradient), distance)
                    .value();
            try (Attacks attacks = device().open(LENET, PARAMETERS, 1, 1, distance, rule(100))) {
                attacks.start(0, gradient, start, new float[0], 0);
                assertEquals(1, attacks.advance(1));
                assertEquals(value[0], attacks.distance(0));
                assertEquals(exact, attacks.distance(0), 1e-5 * exact);
                assertEquals(1, attacks.evaluations(0));
                assertEquals(0, attacks.iterations(0));
            }
        }
    }

    /** Neither neighbours nor the order of threads nor the cut into launches change a bit. */
    @Test
    void anAttackIsItsOwn() {
        float[] alone = new float[VARIABLES];
        try (Attacks attacks = device().open(LENET, PARAMETERS, 1, 1, Distance.squared(), rule(6))) {
            attacks.start(0, shared(picture(9), 1), Cases.gaussian(VARIABLES, 1, 9), new float[0], 0);
            while (attacks.advance(100) > 0) {
                // Until its iterations are used.
            }
            assertEquals(Status.EXHAUSTED, attacks.status(0));
            assertEquals(6, attacks.iterations(0));
            attacks.best(0, alone);
        }
        for (long order : StandIn.ORDERS) {
            StandIn.order(order);
            try (Attacks attacks = device().open(LENET, PARAMETERS, 3, 1, Distance.squared(), rule(6))) {
                for (int a = 2; a >= 0; a--) {
                    attacks.start(a, shared(picture(8 + a), 1), Cases.gaussian(VARIABLES, 1, 8 + a), new float[0], 0);
                }
                while (attacks.advance(3) > 0) {
                    // Until all have used theirs.
                }
                float[] beside = new float[VARIABLES];
                attacks.best(1, beside);
                assertArrayEquals(alone, beside, "order " + order);
            }
        }
    }

    @Test
    void notANumberEndsAnAttackAndNoOther() {
        float[] broken = Cases.gaussian(VARIABLES, 1, 1);
        broken[3] = Float.NaN;
        try (Attacks attacks = device().open(LENET, PARAMETERS, 2, 1, Distance.squared(), rule(100))) {
            attacks.start(0, shared(picture(1), 1), broken, new float[0], 0);
            attacks.start(1, shared(picture(2), 1), Cases.gaussian(VARIABLES, 1, 2), new float[0], 0);
            assertEquals(1, attacks.advance(2));
            assertEquals(Status.NOT_FINITE, attacks.status(0));
            assertEquals(Double.POSITIVE_INFINITY, attacks.distance(0));
            assertEquals(Status.RUNNING, attacks.status(1));
            assertEquals(2, attacks.evaluations(1));
        }
    }

    /** At the true batch there is nothing to descend: the very first evaluation converges, or the search gives up. */
    @Test
    void aZeroGradientIsTheEnd() {
        float[] start = new float[VARIABLES];
        System.arraycopy(picture(4), 0, start, 0, 64);
        start[64 + 3] = 400;
        float[] gradient = new float[LENET.parameterCount()];
        try (Evaluator evaluator =
                new CudaKernels().gradientMatching().open(LENET, PARAMETERS, 1, 1, Distance.squared())) {
            evaluator.gradient(picture(4), java.util.Arrays.copyOfRange(start, 64, VARIABLES), gradient);
        }
        for (double wanted : new double[] {0, -1}) {
            try (Attacks attacks = device().open(LENET, PARAMETERS, 1, 1, Distance.squared(), rule(100))) {
                attacks.start(0, gradient, start, new float[0], wanted);
                assertEquals(0, attacks.advance(5));
                assertEquals(wanted == 0 ? Status.CONVERGED : Status.STALLED, attacks.status(0));
                assertEquals(1, attacks.evaluations(0));
                assertEquals(0, attacks.advance(5));
                assertEquals(1, attacks.evaluations(0));
            }
        }
    }

    @Test
    void refusesWhatDoesNotFit() {
        assertThrows(IllegalArgumentException.class, () -> new Rule(0, 1, 1, false));
        assertThrows(IllegalArgumentException.class, () -> new Rule(Rule.MOST_HISTORY + 1, 1, 1, false));
        assertThrows(
                IllegalArgumentException.class,
                () -> device().open(LENET, new float[3], 1, 1, Distance.squared(), rule(1)));
        try (Attacks attacks = device().open(LENET, PARAMETERS, 1, 1, Distance.squared(), rule(1))) {
            float[] gradient = new float[PARAMETERS.length];
            assertThrows(
                    IllegalArgumentException.class,
                    () -> attacks.start(0, new float[1], new float[VARIABLES], new float[0], 0));
            assertThrows(
                    IllegalArgumentException.class, () -> attacks.start(0, gradient, new float[64], new float[0], 0));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> attacks.start(0, gradient, new float[VARIABLES], new float[4], 0));
        }
        StandIn.capacity(16 << 20);
        int fits = device().attacksThatFit(LENET, 1, rule(1));
        assertTrue(fits > 1 && fits < 10_000, "attacks that fit: " + fits);
        device().open(LENET, PARAMETERS, fits, 1, Distance.squared(), rule(1)).close();
        assertThrows(CudaError.class, () -> device().open(LENET, PARAMETERS, 2 * fits, 1, Distance.squared(), rule(1)));
    }
}
