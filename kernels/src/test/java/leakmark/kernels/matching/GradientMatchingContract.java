package leakmark.kernels.matching;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import leakmark.kernels.matching.Cases.Case;
import leakmark.kernels.matching.GradientMatching.Evaluator;
import leakmark.kernels.matching.Layer.Activation;
import leakmark.kernels.matching.Shape.Image;
import leakmark.kernels.scalar.matching.ScalarEvaluation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every provider must satisfy; the oracle is the float64 evaluation, itself checked by central differences. */
public abstract class GradientMatchingContract {
    private static final List<Distance> DISTANCES =
            List.of(Distance.squared(), Distance.cosine(), Distance.squaredAndAbsolute(0.25));

    /** Under test. */
    protected abstract GradientMatching kernel();

    static Stream<Case> cases() {
        return Cases.small();
    }

    static Stream<Case> published() {
        return Cases.published();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agreesWithTheOracle(Case test) {
        DISTANCES.forEach(distance -> agrees(test, distance, 3, 2, 0));
    }

    @ParameterizedTest
    @MethodSource("published")
    protected void agreesWithTheOracleOnPublishedNetworks(Case test) {
        agrees(test, Distance.squared(), 1, 0);
    }

    /** Evaluates some of many attacks; the others must be left alone. */
    private void agrees(Case test, Distance distance, int attacks, int... chosen) {
        Network network = test.network();
        int inputs = test.images() * network.input().size();
        int labels = test.images() * network.classes();
        float[] x = Cases.gaussian(attacks * inputs, 1, 1);
        float[] l = Cases.gaussian(attacks * labels, 1, 2);
        ScalarEvaluation oracle = new ScalarEvaluation(network, widened(test.parameters()), test.images());
        ScalarEvaluation moved = new ScalarEvaluation(network, moved(test.parameters()), test.images());
        float[] dx = filled(x.length);
        float[] dl = filled(l.length);
        double[] values = new double[attacks];
        Arrays.fill(values, -7);
        try (Evaluator evaluator = kernel().open(network, test.parameters(), attacks, test.images(), distance)) {
            float[][] targets = new float[attacks][];
            for (int a : chosen) {
                double[] own = oracle.gradient(part(x, a, inputs), part(l, a, labels));
                targets[a] = apart(own, a);
                evaluator.target(a, targets[a]);
            }
            // More indices than the count: only the first ones are asked for.
            evaluator.evaluate(Arrays.copyOf(chosen, chosen.length + 1), chosen.length, x, l, values, dx, dl);
            for (int a = 0; a < attacks; a++) {
                if (targets[a] == null) {
                    assertEquals(-7, values[a]);
                    assertTrue(isFilled(dx, a * inputs, inputs) && isFilled(dl, a * labels, labels), "attack " + a);
                    continue;
                }
                double[] target = widened(targets[a]);
                ScalarEvaluation.Matched expected =
                        oracle.evaluate(part(x, a, inputs), part(l, a, labels), target, distance);
                ScalarEvaluation.Matched near =
                        moved.evaluate(part(x, a, inputs), part(l, a, labels), target, distance);
                assertClose(new double[] {expected.value()}, new double[] {near.value()}, new double[] {values[a]});
                assertClose(expected.inputGradient(), near.inputGradient(), part(dx, a, inputs));
                double cancelled = distance.kind() == Distance.Kind.COSINE
                        ? 0x1p-22 * relativeChange(oracle, part(x, a, inputs), part(l, a, labels))
                        : 0;
                assertClose(expected.labelGradient(), near.labelGradient(), part(dl, a, labels), cancelled);
            }
        }
    }

    /**
     * The largest ‖∂g'/∂l‖ / ‖g'‖ over soft labels l. They change little but the length of g', which the cosine does not
     * see: its two terms are of this size each, and nearly cancel.
     */
    private static double relativeChange(ScalarEvaluation oracle, double[] x, double[] l) {
        double step = 1e-5;
        double length = norm(oracle.gradient(x, l));
        double largest = 0;
        for (int k = 0; k < l.length; k++) {
            double[] up = l.clone();
            double[] down = l.clone();
            up[k] += step;
            down[k] -= step;
            double[] change = oracle.gradient(x, up);
            double[] before = oracle.gradient(x, down);
            for (int i = 0; i < change.length; i++) {
                change[i] = (change[i] - before[i]) / (2 * step);
            }
            largest = Math.max(largest, norm(change) / length);
        }
        return largest;
    }

    private static double norm(double[] values) {
        return Math.sqrt(Arrays.stream(values).map(v -> v * v).sum());
    }

    /** A target nowhere near the gradient itself, so that float32 rounding moves no sign of g' − g. */
    private static float[] apart(double[] own, long seed) {
        double rms = Math.sqrt(Arrays.stream(own).map(v -> v * v).sum() / own.length);
        float[] noise = Cases.gaussian(own.length, rms, seed);
        float[] target = new float[own.length];
        for (int k = 0; k < own.length; k++) {
            target[k] = (float) (own[k] + noise[k] + Math.copySign(0.1 * rms, noise[k]));
        }
        return target;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void givesTheClientsGradient(Case test) {
        float[] x = Cases.gaussian(test.images() * test.network().input().size(), 1, 5);
        float[] l = Cases.gaussian(test.images() * test.network().classes(), 1, 6);
        float[] gradient = new float[test.network().parameterCount()];
        try (Evaluator evaluator =
                kernel().open(test.network(), test.parameters(), 1, test.images(), Distance.squared())) {
            evaluator.gradient(x, l, gradient);
        }
        ScalarEvaluation oracle = new ScalarEvaluation(test.network(), widened(test.parameters()), test.images());
        ScalarEvaluation moved = new ScalarEvaluation(test.network(), moved(test.parameters()), test.images());
        double[] wx = widened(x);
        double[] wl = widened(l);
        assertClose(oracle.gradient(wx, wl), moved.gradient(wx, wl), widened(gradient));
    }

    @Test
    void hardLabelsAndTheTrueBatchMatchExactly() {
        Network network = Networks.leNet(new Image(1, 12, 12), 4, Activation.SIGMOID);
        float[] parameters = Networks.uniform(network, 0.5, 8);
        float[] x = Cases.gaussian(144, 1, 1);
        float[] l = {0, 0, 1000, 0};
        float[] gradient = new float[parameters.length];
        double[] value = {1};
        float[] dx = filled(144);
        float[] dl = filled(4);
        try (Evaluator evaluator = kernel().open(network, parameters, 1, 1, Distance.squared())) {
            evaluator.gradient(x, l, gradient);
            evaluator.target(0, gradient);
            evaluator.evaluate(new int[] {0}, 1, x, l, value, dx, dl);
        }
        assertTrue(value[0] <= 1e-13, "a distance of " + value[0] + " from itself");
        for (float entry : dl) {
            assertTrue(entry == 0, "label gradient " + entry);
        }
    }

    @Test
    void notANumberShows() {
        Network network = Networks.leNet(new Image(1, 8, 8), 3, Activation.SIGMOID);
        float[] x = new float[64];
        x[20] = Float.NaN;
        double[] value = {0};
        try (Evaluator evaluator =
                kernel().open(network, Networks.uniform(network, 0.5, 1), 1, 1, Distance.squared())) {
            evaluator.evaluate(new int[] {0}, 1, x, new float[3], value, new float[64], new float[3]);
        }
        assertTrue(Double.isNaN(value[0]), "D is " + value[0]);
    }

    @Test
    void refusesWhatDoesNotFit() {
        Network network = Networks.multilayerPerceptron(new Shape.Rows(1, 3), 2, Activation.TANH, 4);
        float[] parameters = Networks.uniform(network, 0.5, 1);
        GradientMatching kernel = kernel();
        assertThrows(
                IllegalArgumentException.class, () -> kernel.open(network, new float[3], 1, 1, Distance.squared()));
        assertThrows(IllegalArgumentException.class, () -> kernel.open(network, parameters, 0, 1, Distance.squared()));
        try (Evaluator evaluator = kernel.open(network, parameters, 1, 1, Distance.squared())) {
            assertThrows(IllegalArgumentException.class, () -> evaluator.target(0, new float[5]));
        }
    }

    /** Weights a few float32 roundings away: how far the results go is what float32 arithmetic can be asked for. */
    private static double[] moved(float[] parameters) {
        double[] result = widened(parameters);
        Random random = new Random(9);
        for (int k = 0; k < result.length; k++) {
            result[k] *= 1 + 0x1p-21 * random.nextGaussian();
        }
        return result;
    }

    private static void assertClose(double[] expected, double[] moved, double[] actual) {
        assertClose(expected, moved, actual, 0);
    }

    /** @param cancelled rounding of terms that nearly cancel */
    private static void assertClose(double[] expected, double[] moved, double[] actual, double cancelled) {
        double largest = 0;
        double change = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            change = Math.max(change, Math.abs(expected[i] - moved[i]));
        }
        double allowed = 4 * change + 0x1p-20 * largest + cancelled;
        assertEquals(expected.length, actual.length);
        for (int i = 0; i < expected.length; i++) {
            assertTrue(
                    Math.abs(expected[i] - actual[i]) <= allowed,
                    "entry " + i + ": " + actual[i] + " for " + expected[i] + ", allowed " + allowed + ", largest "
                            + largest);
        }
    }

    private static float[] filled(int count) {
        float[] values = new float[count];
        Arrays.fill(values, 5);
        return values;
    }

    private static boolean isFilled(float[] values, int from, int count) {
        return Arrays.equals(Arrays.copyOfRange(values, from, from + count), filled(count));
    }

    private static double[] widened(float[] values) {
        return part(values, 0, values.length);
    }

    private static double[] part(float[] values, int index, int count) {
        double[] result = new double[count];
        for (int i = 0; i < count; i++) {
            result[i] = values[index * count + i];
        }
        return result;
    }
}
