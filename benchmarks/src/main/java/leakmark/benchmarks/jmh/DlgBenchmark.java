package leakmark.benchmarks.jmh;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import leakmark.attacks.client.ImageBatch;
import leakmark.attacks.client.NetworkClient;
import leakmark.attacks.dlg.GradientInversion;
import leakmark.attacks.dlg.Inversion;
import leakmark.attacks.dlg.InversionSettings;
import leakmark.attacks.dlg.RecoveredImages;
import leakmark.attacks.dlg.Victim;
import leakmark.attacks.images.GeneratedImages;
import leakmark.attacks.images.LabelledImage;
import leakmark.attacks.metrics.ImageScore;
import leakmark.attacks.model.NetworkPresets;
import leakmark.attacks.model.PublicNetwork;
import leakmark.attacks.optim.BatchMinimiser.Watch;
import leakmark.attacks.optim.Optimisers;
import leakmark.attacks.published.PublishedDlg;
import leakmark.kernels.KernelProviders;
import leakmark.kernels.matching.GradientMatching;
import leakmark.kernels.matching.Shape.Image;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
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
 * Whole image attacks by gradient matching, many at once, and the published one on PyTorch. Clients' gradients are made
 * before and not counted; each attack's recovery is.
 */
@State(Scope.Benchmark)
// Single shots: a batch of attacks takes seconds, and each must be scored.
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 1)
@Measurement(iterations = 3)
public class DlgBenchmark {
    private static final int CLASSES = 10;

    /** Kernel provider, or {@code published} for double backward on PyTorch, one attack after the other. */
    @Param({"vector"})
    public String provider = "";

    /** Network. */
    @Param({"lenet"})
    public String model = "";

    /** Optimiser of either; {@code lbfgs-published} is the published step rule, {@code lbfgs} has a strong Wolfe search. */
    @Param({"lbfgs"})
    public String optimiser = "";

    /** Independent attacks at once. */
    @Param({"1", "4", "64"})
    public int attacks;

    /** Images of a client. */
    @Param({"1"})
    public int batchSize;

    /** Side of the images, which have three channels. */
    @Param({"32"})
    public int imageSize;

    /** Seed of weights and starts. */
    @Param({"1"})
    public long seed;

    private final List<ImageBatch> truth = new ArrayList<>();
    private List<Victim> victims = List.of();
    private @Nullable PublicNetwork opened;
    private @Nullable GradientMatching kernels;
    private @Nullable PublishedDlg published;

    /** What every attack of an iteration came to, added up; divide by {@code inversions}. */
    @AuxCounters(AuxCounters.Type.EVENTS)
    @State(Scope.Thread)
    public static class Success {
        /** Attacks run. */
        public double inversions;

        /** Attacks with every image recovered. */
        public double recovered;

        /** Mean squared errors of recovered attacks. */
        public double mse;

        /** Fractions of right labels. */
        public double labelAccuracy;

        /** Gradients matched. */
        public double evaluations;

        /** Steps accepted. */
        public double iterations;
    }

    /** Makes the clients' gradients. */
    @Setup
    public void prepare() {
        Image input = new Image(3, imageSize, imageSize);
        PublicNetwork network = NetworkPresets.open(model, input, CLASSES, seed);
        opened = network;
        boolean isPublished = provider.equals("published");
        GradientMatching matching =
                (isPublished ? KernelProviders.best() : KernelProviders.byName(provider)).gradientMatching();
        kernels = matching;
        List<LabelledImage> images = GeneratedImages.of(3, imageSize, imageSize, GeneratedImages.COUNT);
        for (int a = 0; a < attacks; a++) {
            List<leakmark.attacks.images.Image> pixels = new ArrayList<>();
            int[] labels = new int[batchSize];
            for (int i = 0; i < batchSize; i++) {
                LabelledImage image = images.get((a * batchSize + i) % images.size());
                pixels.add(image.image());
                labels[i] = image.label();
            }
            truth.add(new ImageBatch(pixels, labels));
        }
        NetworkClient client = new NetworkClient(matching);
        victims = truth.stream().map(batch -> client.share(network, batch)).toList();
        if (isPublished) {
            published = new PublishedDlg(network);
        }
    }

    /** All attacks. */
    @Benchmark
    public List<Inversion> attacks(Success success) {
        InversionSettings settings = InversionSettings.dlg().with(Optimisers.byName(optimiser));
        PublicNetwork network = Objects.requireNonNull(opened);
        List<Inversion> inversions;
        if (published == null) {
            inversions = new GradientInversion(Objects.requireNonNull(kernels), settings)
                    .invert(network, victims, seed, Watch.none());
        } else {
            inversions = new ArrayList<>();
            for (int a = 0; a < attacks; a++) {
                // Stops as early as ours may, which the published code does not.
                inversions.add(published.invert(
                        victims.get(a), settings.optimiser(), settings.iterations(), settings.tolerance(), seed + a));
            }
        }
        for (int a = 0; a < attacks; a++) {
            Inversion inversion = inversions.get(a);
            ImageScore score = ImageScore.of(
                    truth.get(a),
                    RecoveredImages.of(inversion, (Image) network.network().input()),
                    inversion.labels());
            success.inversions++;
            success.recovered += score.recovered() ? 1 : 0;
            success.mse += score.recovered() ? score.mse() : 0;
            success.labelAccuracy += score.labelAccuracy();
            success.evaluations += inversion.evaluations();
            success.iterations += inversion.iterations();
        }
        return inversions;
    }

    /** Frees PyTorch's memory. */
    @TearDown
    public void close() {
        if (published != null) {
            published.close();
        }
    }
}
