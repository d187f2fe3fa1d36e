package leakmark.benchmarks.jmh;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import leakmark.attacks.client.FixedLengthSampler;
import leakmark.attacks.client.NetworkClient;
import leakmark.attacks.dlg.LanguagePrior;
import leakmark.attacks.dlg.TextInversion;
import leakmark.attacks.dlg.TextReconstruction;
import leakmark.attacks.dlg.TextSettings;
import leakmark.attacks.dlg.Victim;
import leakmark.attacks.metrics.TokenAccuracy;
import leakmark.attacks.model.TextNetwork;
import leakmark.attacks.optim.BatchMinimiser.Watch;
import leakmark.attacks.text.TextFile;
import leakmark.attacks.text.TextProfile;
import leakmark.attacks.text.WordTokenizer;
import leakmark.kernels.KernelProviders;
import leakmark.kernels.matching.GradientMatching;
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
import org.openjdk.jmh.annotations.Warmup;

/** Text by gradient matching on embeddings (DLG, TAG, LAMP) against batch size and sequence length. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 1)
@Measurement(iterations = 3)
public class TextDlgBenchmark {
    private static final double STANDARD_DEVIATION = 0.02;

    /** Kernel provider. */
    @Param({"vector"})
    public String provider = "";

    /** Network. */
    @Param({"encoder"})
    public String model = "";

    /** Attack. */
    @Param({"dlg", "tag", "lamp"})
    public String method = "";

    /** Independent attacks at once. */
    @Param({"4"})
    public int attacks;

    /** Sentences of a client. */
    @Param({"1", "2"})
    public int batchSize;

    /** Tokens of a sentence. */
    @Param({"4", "8"})
    public int sequenceLength;

    /** Seed of weights, sentences and starts. */
    @Param({"1"})
    public long seed;

    private @Nullable TextNetwork opened;
    private @Nullable GradientMatching kernels;
    private @Nullable LanguagePrior prior;
    private FixedLengthSampler.@Nullable Draw truth;
    private List<Victim> victims = List.of();

    /** What every attack of an iteration came to, added up; divide by {@code inversions}. */
    @AuxCounters(AuxCounters.Type.EVENTS)
    @State(Scope.Thread)
    public static class Success {
        /** Attacks run. */
        public double inversions;

        /** Attacks with every token right. */
        public double recovered;

        /** Fractions of right tokens. */
        public double tokenAccuracy;

        /** Gradients matched. */
        public double evaluations;
    }

    /** Makes the clients' gradients. */
    @Setup
    public void prepare() {
        TextNetwork network = TextNetwork.open(model, sequenceLength, seed, STANDARD_DEVIATION);
        opened = network;
        GradientMatching matching = KernelProviders.byName(provider).gradientMatching();
        kernels = matching;
        FixedLengthSampler.Draw draw = new FixedLengthSampler(
                        new WordTokenizer(network.vocabularySize()),
                        TextFile.corpus(TextProfile.ALL),
                        sequenceLength,
                        network.model().network().classes())
                .draw(attacks, batchSize, seed);
        truth = draw;
        prior = draw.prior(network.vocabularySize());
        NetworkClient client = new NetworkClient(matching);
        victims = draw.batches().stream()
                .map(batch -> client.share(network, batch.tokens()))
                .toList();
    }

    /** All attacks. */
    @Benchmark
    public List<TextReconstruction> attacks(Success success) {
        TextSettings settings = switch (method) {
            case "tag" -> TextSettings.tag();
            case "lamp" -> TextSettings.lamp();
            default -> TextSettings.dlg();
        };
        List<TextReconstruction> found = new TextInversion(
                        Objects.requireNonNull(kernels), settings, Objects.requireNonNull(prior))
                .invert(Objects.requireNonNull(opened), victims, seed, Watch.none());
        for (int a = 0; a < found.size(); a++) {
            double accuracy = TokenAccuracy.of(
                    Objects.requireNonNull(truth).batches().get(a).tokens().sequences(),
                    found.get(a).sequences());
            success.inversions++;
            success.recovered += accuracy == 1 ? 1 : 0;
            success.tokenAccuracy += accuracy;
            success.evaluations += found.get(a).evaluations();
        }
        return found;
    }
}
