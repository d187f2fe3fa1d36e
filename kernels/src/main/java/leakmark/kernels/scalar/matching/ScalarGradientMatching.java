package leakmark.kernels.scalar.matching;

import leakmark.kernels.matching.Distance;
import leakmark.kernels.matching.GradientMatching;
import leakmark.kernels.matching.Network;
import leakmark.kernels.matching.OpenArguments;

/** The contract over {@link ScalarEvaluation}. It allocates in every evaluation, as an oracle may. */
public final class ScalarGradientMatching implements GradientMatching {
    @Override
    public Evaluator open(Network network, float[] parameters, int attacks, int images, Distance distance) {
        OpenArguments.check(network, parameters, attacks, images);
        return new ScalarEvaluator(network, parameters, attacks, images, distance);
    }

    private static final class ScalarEvaluator implements Evaluator {
        private final Network network;
        private final ScalarEvaluation evaluation;
        private final Distance distance;
        private final int inputs;
        private final int labels;
        private final double[][] targets;

        ScalarEvaluator(Network network, float[] parameters, int attacks, int images, Distance distance) {
            this.network = network;
            this.evaluation = new ScalarEvaluation(network, widened(parameters, 0, parameters.length), images);
            this.distance = distance;
            this.inputs = images * network.input().size();
            this.labels = images * network.classes();
            this.targets = new double[attacks][network.parameterCount()];
        }

        @Override
        public void target(int attack, float[] gradient) {
            OpenArguments.checkTarget(network, gradient);
            targets[attack] = widened(gradient, 0, targets[attack].length);
        }

        @Override
        public void evaluate(
                int[] active,
                int count,
                float[] x,
                float[] labelLogits,
                double[] distances,
                float[] inputGradients,
                float[] labelGradients) {
            for (int n = 0; n < count; n++) {
                int a = active[n];
                ScalarEvaluation.Matched matched = evaluation.evaluate(
                        widened(x, a * inputs, inputs), widened(labelLogits, a * labels, labels), targets[a], distance);
                distances[a] = matched.value();
                narrow(matched.inputGradient(), inputGradients, a * inputs);
                narrow(matched.labelGradient(), labelGradients, a * labels);
            }
        }

        @Override
        public void gradient(float[] x, float[] labelLogits, float[] gradient) {
            narrow(evaluation.gradient(widened(x, 0, inputs), widened(labelLogits, 0, labels)), gradient, 0);
        }

        @Override
        public void close() {
            // The heap needs no release.
        }

        private static double[] widened(float[] values, int from, int count) {
            double[] result = new double[count];
            for (int i = 0; i < count; i++) {
                result[i] = values[from + i];
            }
            return result;
        }

        private static void narrow(double[] values, float[] to, int at) {
            for (int i = 0; i < values.length; i++) {
                to[at + i] = (float) values[i];
            }
        }
    }
}
