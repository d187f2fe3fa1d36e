package leakmark.kernels.vector.matching;

import java.util.Objects;
import leakmark.kernels.matching.Distance;
import leakmark.kernels.matching.GradientMatching;
import leakmark.kernels.matching.Network;
import leakmark.kernels.matching.OpenArguments;

/**
 * Gradient matching on SIMD vectors: each attack on one core with its channels in the lanes, attacks spread over all cores.
 *
 * <p>Floor: {@link GradientMatching#cost}, 9.8 MFLOP for LeNet at 3 × 32 × 32 and 100 classes. With 12
 * of 16 lanes in use and a load for each multiply-add, at most half of the multiply-add rate is within reach: 0.13 ms on one
 * core of 2.5 GHz. The last layer's weights and target (344 kB each) come from the second cache at best.
 *
 * <p>Ladder, milliseconds an evaluation of one such attack on one core:
 *
 * <ol>
 *   <li>sums carried through a loop over kernel rows and one over columns: the JIT boxes them, 41 MB an evaluation; 6.1
 *   <li>one loop a call: nothing allocated; 0.65, beside other work
 *   <li>the few-channel adjoint with its pixel classes merged (predicted: 91,000 vector products less of 520,000), the
 *       last layer's gradient compared without being stored (five passes less over 344 kB): 0.50
 *   <li>four columns a step, to share their addresses: slower, and left out. Over LeNet's shapes a vector multiply-add of
 *       {@link Tiles} took 0.86 ns so and 0.60 ns with the plain loop on JDK 25, 0.83 and 0.72 on JDK 17; eight attacks of
 *       LeNet 6.1 s and 5.2 s in one run
 * </ol>
 */
public final class VectorGradientMatching implements GradientMatching {
    private final Workers workers;

    /** On all cores. */
    public VectorGradientMatching() {
        this(Workers.ALL);
    }

    VectorGradientMatching(Workers workers) {
        this.workers = workers;
    }

    @Override
    public int callers() {
        return workers.count();
    }

    @Override
    public Evaluator open(Network network, float[] parameters, int attacks, int images, Distance distance) {
        OpenArguments.check(network, parameters, attacks, images);
        return new VectorEvaluator(workers, network, parameters, attacks, images, distance);
    }

    private static final class VectorEvaluator implements Evaluator, Workers.Body {
        private final Workers workers;
        private final Network network;
        private final Packing packing;
        private final AttackPass[] passes;
        private final float[][] targets;
        private final int inputs;
        private final int labels;
        private int[] active = {};
        private float[] x = {};
        private float[] labelLogits = {};
        private double[] distances = {};
        private float[] inputGradients = {};
        private float[] labelGradients = {};

        VectorEvaluator(
                Workers workers, Network network, float[] parameters, int attacks, int images, Distance distance) {
            this.workers = workers;
            this.network = network;
            packing = new Packing(network);
            float[] w = new float[packing.size()];
            packing.pack(parameters, w);
            passes = new AttackPass[Math.min(attacks, workers.count())];
            for (int t = 0; t < passes.length; t++) {
                passes[t] = new AttackPass(network, w, images, distance);
            }
            targets = new float[attacks][packing.size()];
            inputs = images * network.input().size();
            labels = images * network.classes();
        }

        @Override
        public void target(int attack, float[] gradient) {
            OpenArguments.checkTarget(network, gradient);
            packing.pack(gradient, targets[attack]);
        }

        @Override
        public void evaluate(
                int[] active,
                int count,
                float[] inputs,
                float[] labelLogits,
                double[] distances,
                float[] inputGradients,
                float[] labelGradients) {
            Objects.checkFromIndexSize(0, count, active.length);
            this.active = active;
            this.x = inputs;
            this.labelLogits = labelLogits;
            this.distances = distances;
            this.inputGradients = inputGradients;
            this.labelGradients = labelGradients;
            workers.run(count, this);
        }

        @Override
        public void run(int worker, int index) {
            int a = active[index];
            distances[a] = passes[worker].evaluate(
                    x, a * inputs, labelLogits, a * labels, targets[a], 0, inputGradients, labelGradients);
        }

        @Override
        public void gradient(float[] inputs, float[] labelLogits, float[] gradient) {
            packing.unpack(passes[0].wholeGradient(inputs, labelLogits), gradient);
        }

        @Override
        public void close() {
            // The heap needs no release.
        }
    }
}
