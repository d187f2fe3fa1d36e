package leakmark.benchmarks.jmh;

import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import leakmark.attacks.dlg.Victim;
import leakmark.attacks.model.NetworkPresets;
import leakmark.attacks.model.PublicNetwork;
import leakmark.attacks.published.PublishedDlg;
import leakmark.kernels.KernelProviders;
import leakmark.kernels.matching.Distance;
import leakmark.kernels.matching.GradientMatching.Evaluator;
import leakmark.kernels.matching.Network;
import leakmark.kernels.matching.Shape.Image;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One evaluation of a batch of attacks: the distance of gradients and its derivatives. PyTorch's double backward takes one
 * attack after the other. For one core, bind the process to one.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
// One fork of short iterations: a call takes from a tenth to hundreds of milliseconds, and rounds come from repeated
// runs.
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class GradientMatchingBenchmark {
    /** Classes of the published CIFAR-100 attack. */
    public static final int CLASSES = 100;

    private static final String TORCH = "torch";

    /** Kernel provider, or {@code torch} for double backward on PyTorch. */
    @Param({"vector", TORCH})
    public String provider = "";

    /** Network. */
    @Param({"lenet"})
    public String model = "";

    /** Independent attacks at once. */
    @Param({"1", "64"})
    public int attacks;

    /** Images of an attack. */
    @Param({"1"})
    public int batchSize;

    /** Side of the images, which have three channels. */
    @Param({"32"})
    public int imageSize;

    private int[] active = {};
    private float[] inputs = {};
    private float[] labels = {};
    private float[] inputGradients = {};
    private float[] labelGradients = {};
    private double[] distances = {};
    private @Nullable Evaluator evaluator;
    private @Nullable PublishedDlg torch;
    private PublishedDlg.@Nullable MeasuredObjective[] objectives = {};
    private float[][] points = {};
    private float[][] slopes = {};

    /** Evaluations, as a rate. */
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    @State(Scope.Thread)
    public static class Rate {
        /** Attacks evaluated. */
        public long evaluations;

        /** Starts an iteration. */
        @Setup(Level.Iteration)
        public void clear() {
            evaluations = 0;
        }
    }

    /** Makes attacks whose targets are gradients of other random batches. */
    @Setup
    public void prepare() {
        PublicNetwork model = NetworkPresets.open(this.model, new Image(3, imageSize, imageSize), CLASSES, 1);
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
        Evaluator opened = (isTorch ? KernelProviders.best() : KernelProviders.byName(provider))
                .gradientMatching()
                .open(network, model.parameters(), attacks, batchSize, Distance.squared());
        evaluator = opened;
        if (isTorch) {
            torch = new PublishedDlg(model);
            objectives = new PublishedDlg.MeasuredObjective[attacks];
            points = new float[attacks][size + classes];
            slopes = new float[attacks][size + classes];
        }
        for (int a = 0; a < attacks; a++) {
            float[] gradient = new float[model.parameters().length];
            opened.gradient(
                    Synthetic.matrix(1, size, 1, 3 + a).data(),
                    Synthetic.matrix(1, classes, 1, 3 + a).data(),
                    gradient);
            opened.target(a, gradient);
            if (torch != null) {
                objectives[a] = torch.objective(new Victim(gradient, batchSize));
                System.arraycopy(inputs, a * size, points[a], 0, size);
                System.arraycopy(labels, a * classes, points[a], size, classes);
            }
        }
    }

    /** All attacks once. */
    @Benchmark
    public double[] evaluate(Rate rate) {
        rate.evaluations += attacks;
        if (torch == null) {
            Objects.requireNonNull(evaluator)
                    .evaluate(active, attacks, inputs, labels, distances, inputGradients, labelGradients);
            return distances;
        }
        double[] one = new double[1];
        for (int a = 0; a < attacks; a++) {
            Objects.requireNonNull(objectives[a])
                    .evaluate(1, new int[1], new float[][] {points[a]}, one, new float[][] {slopes[a]});
            distances[a] = one[0];
        }
        return distances;
    }

    /** Both ways must have come to the same; frees memory outside the heap. */
    @TearDown
    public void close() {
        Evaluator opened = Objects.requireNonNull(evaluator);
        if (torch != null) {
            double[] expected = new double[attacks];
            opened.evaluate(active, attacks, inputs, labels, expected, inputGradients, labelGradients);
            for (int a = 0; a < attacks; a++) {
                if (!(Math.abs(distances[a] - expected[a]) <= 1e-3 * expected[a])) {
                    throw new IllegalStateException("PyTorch's distance is " + distances[a] + " for " + expected[a]);
                }
            }
            for (PublishedDlg.MeasuredObjective objective : objectives) {
                Objects.requireNonNull(objective).close();
            }
            torch.close();
        }
        opened.close();
    }
}
