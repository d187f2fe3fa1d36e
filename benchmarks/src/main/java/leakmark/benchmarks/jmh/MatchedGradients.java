package leakmark.benchmarks.jmh;

import java.util.stream.IntStream;
import leakmark.attacks.dlg.Victim;
import leakmark.attacks.model.PublicNetwork;
import leakmark.attacks.published.PublishedDlg;
import leakmark.kernels.KernelProviders;
import leakmark.kernels.matching.Distance;
import leakmark.kernels.matching.GradientMatching.Evaluator;
import leakmark.kernels.matching.Network;
import org.jspecify.annotations.Nullable;

/**
 * Attacks whose targets are gradients of other random batches, evaluated by kernels, or by PyTorch's double backward one after
 * the other.
 */
final class MatchedGradients implements AutoCloseable {
    /** The provider that stands for double backward on PyTorch. */
    static final String TORCH = "torch";

    private final int attacks;
    private final int[] active;
    private final float[] inputs;
    private final float[] labels;
    private final float[] inputGradients;
    private final float[] labelGradients;
    private final double[] distances;
    private final Evaluator evaluator;
    private final @Nullable PublishedDlg torch;
    private final PublishedDlg.MeasuredObjective[] objectives;
    private final float[][] points;
    private final float[][] slopes;

    MatchedGradients(String provider, PublicNetwork model, int attacks, int batchSize) {
        this.attacks = attacks;
        Network network = model.network();
        int size = batchSize * network.input().size();
        int classes = batchSize * network.classes();
        active = IntStream.range(0, attacks).toArray();
        inputs = Synthetic.matrix(attacks, size, 1, 1).data();
        labels = Synthetic.matrix(attacks, classes, 1, 2).data();
        inputGradients = new float[inputs.length];
        labelGradients = new float[labels.length];
        distances = new double[attacks];
        boolean isTorch = provider.equals(TORCH);
        evaluator = (isTorch ? KernelProviders.best() : KernelProviders.byName(provider))
                .gradientMatching()
                .open(network, model.parameters(), attacks, batchSize, Distance.squared());
        torch = isTorch ? new PublishedDlg(model) : null;
        objectives = new PublishedDlg.MeasuredObjective[isTorch ? attacks : 0];
        points = new float[objectives.length][size + classes];
        slopes = new float[objectives.length][size + classes];
        for (int a = 0; a < attacks; a++) {
            float[] gradient = new float[model.parameters().length];
            evaluator.gradient(
                    Synthetic.matrix(1, size, 1, 3 + a).data(),
                    Synthetic.matrix(1, classes, 1, 3 + a).data(),
                    gradient);
            evaluator.target(a, gradient);
            if (torch != null) {
                objectives[a] = torch.objective(new Victim(gradient, batchSize));
                System.arraycopy(inputs, a * size, points[a], 0, size);
                System.arraycopy(labels, a * classes, points[a], size, classes);
            }
        }
    }

    /** All attacks once. */
    double[] evaluate() {
        if (torch == null) {
            evaluator.evaluate(active, attacks, inputs, labels, distances, inputGradients, labelGradients);
            return distances;
        }
        double[] one = new double[1];
        for (int a = 0; a < attacks; a++) {
            objectives[a].evaluate(1, new int[1], new float[][] {points[a]}, one, new float[][] {slopes[a]});
            distances[a] = one[0];
        }
        return distances;
    }

    /** Both ways must have come to the same; frees memory outside the heap. */
    @Override
    public void close() {
        if (torch != null) {
            double[] expected = new double[attacks];
            evaluator.evaluate(active, attacks, inputs, labels, expected, inputGradients, labelGradients);
            for (int a = 0; a < attacks; a++) {
                if (!(Math.abs(distances[a] - expected[a]) <= 1e-3 * expected[a])) {
                    throw new IllegalStateException("PyTorch's distance is " + distances[a] + " for " + expected[a]);
                }
                objectives[a].close();
            }
            torch.close();
        }
        evaluator.close();
    }
}
