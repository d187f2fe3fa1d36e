package leakmark.kernels.scalar.matching;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import leakmark.kernels.matching.Cases;
import leakmark.kernels.matching.Cases.Case;
import leakmark.kernels.matching.Distance;
import leakmark.kernels.matching.Layer.Linear;
import leakmark.kernels.matching.Network;
import leakmark.kernels.matching.Shape.Rows;
import leakmark.kernels.scalar.matching.ScalarEvaluation.Matched;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The oracle against central differences in float64, for which it needs no oracle but its own forward pass. */
class ScalarEvaluationTest {
    /** Four points: truncation is STEP⁴/30 times the fifth derivative, up to 1e9 under a LayerNorm of small variance. */
    private static final double STEP = 1e-4;

    private static final double TOLERANCE = 1e-8;

    private static final int MOST_CHECKED = 20;

    static Stream<Case> cases() {
        return Cases.small();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theGradientIsTheDerivativeOfTheLoss(Case test) {
        double[] w = widened(test.parameters());
        double[] x =
                widened(Cases.gaussian(test.images() * test.network().input().size(), 1, 1));
        double[] labels = widened(Cases.gaussian(test.images() * test.network().classes(), 1, 2));
        double[] g = new ScalarEvaluation(test.network(), w, test.images()).gradient(x, labels);
        check(w, g, w.length, () -> loss(test, w, x, labels));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theSecondPassesAreTheDerivativesOfTheDistance(Case test) {
        double[] w = widened(test.parameters());
        double[] x =
                widened(Cases.gaussian(test.images() * test.network().input().size(), 1, 1));
        double[] labels = widened(Cases.gaussian(test.images() * test.network().classes(), 1, 2));
        ScalarEvaluation evaluation = new ScalarEvaluation(test.network(), w, test.images());
        double[] target = evaluation.gradient(x, labels);
        float[] noise = Cases.gaussian(w.length, 0.3, 3);
        for (int k = 0; k < w.length; k++) {
            // Never nearer than 0.1, so that no |g' − g| has its kink within a step.
            target[k] += noise[k] + Math.copySign(0.1, noise[k]);
        }
        for (Distance distance : List.of(Distance.squared(), Distance.cosine(), Distance.squaredAndAbsolute(0.25))) {
            Matched matched = evaluation.evaluate(x, labels, target, distance);
            check(
                    x,
                    matched.inputGradient(),
                    w.length,
                    () -> evaluation.evaluate(x, labels, target, distance).value());
            check(
                    labels,
                    matched.labelGradient(),
                    w.length,
                    () -> evaluation.evaluate(x, labels, target, distance).value());
        }
    }

    /** w = 0, x = (1, 2), y = (1, 0): p = (½, ½), g' = (p − y) xᵀ, by hand. */
    @Test
    void aLinearLayerByHand() {
        Network network = new Network(new Rows(1, 2), List.of(new Linear(2, 2)));
        ScalarEvaluation evaluation = new ScalarEvaluation(network, new double[6], 1);
        double[] x = {1, 2};
        double[] label = {500, 0};
        double[] gradient = evaluation.gradient(x, label);
        double[] expected = {-0.5, -1, 0.5, 1, -0.5, 0.5};
        for (int k = 0; k < expected.length; k++) {
            assertEquals(expected[k], gradient[k], 1e-15);
        }
        assertEquals(
                3,
                evaluation.evaluate(x, label, new double[6], Distance.squared()).value(),
                1e-15);
        assertEquals(
                3 + 0.5 * 4,
                evaluation
                        .evaluate(x, label, new double[6], Distance.squaredAndAbsolute(0.5))
                        .value(),
                1e-15);
        assertEquals(
                2,
                evaluation
                        .evaluate(x, label, negated(gradient), Distance.cosine())
                        .value(),
                1e-15);
    }

    private static double loss(Case test, double[] w, double[] x, double[] labels) {
        int classes = test.network().classes();
        int size = test.network().input().size();
        double loss = 0;
        for (int m = 0; m < test.images(); m++) {
            double[] z = new ScalarSequence(
                            test.network().layers(), test.network().input(), 0)
                    .forward(Arrays.copyOfRange(x, m * size, (m + 1) * size), w);
            double[] y = Arrays.copyOfRange(labels, m * classes, (m + 1) * classes);
            double logSum = logSum(z);
            double labelSum = logSum(y);
            for (int c = 0; c < classes; c++) {
                loss -= Math.exp(y[c] - labelSum) * (z[c] - logSum) / test.images();
            }
        }
        return loss;
    }

    private static double logSum(double[] z) {
        return Math.log(Arrays.stream(z).map(Math::exp).sum());
    }

    /** Each checked entry moved both ways; the error is relative to the largest entry of the gradient, but for the rounding of a sum of many terms. */
    private static void check(double[] variables, double[] gradient, int terms, Supplier<Double> function) {
        double largest = Arrays.stream(gradient).map(Math::abs).max().orElse(0);
        int stride = Math.max(1, variables.length / MOST_CHECKED);
        for (int i = 0; i < variables.length; i += stride) {
            double expected =
                    (8 * difference(variables, i, STEP, function) - difference(variables, i, 2 * STEP, function))
                            / (12 * STEP);
            double allowed =
                    TOLERANCE * largest + 4 * Math.sqrt(terms) * Math.ulp(Math.max(1, Math.abs(function.get()))) / STEP;
            assertTrue(
                    Math.abs(expected - gradient[i]) <= allowed,
                    "entry " + i + ": " + gradient[i] + " for " + expected + ", allowed " + allowed);
        }
    }

    private static double difference(double[] variables, int i, double step, Supplier<Double> function) {
        double kept = variables[i];
        variables[i] = kept + step;
        double above = function.get();
        variables[i] = kept - step;
        double below = function.get();
        variables[i] = kept;
        return above - below;
    }

    private static double[] negated(double[] values) {
        return Arrays.stream(values).map(v -> -v).toArray();
    }

    private static double[] widened(float[] values) {
        double[] result = new double[values.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = values[i];
        }
        return result;
    }
}
