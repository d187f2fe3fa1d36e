package leakmark.benchmarks.jmh;

import java.nio.IntBuffer;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import leakmark.attacks.Attack;
import leakmark.attacks.AttackException;
import leakmark.attacks.GradientOracle;
import leakmark.attacks.Reconstruction;
import leakmark.attacks.Reconstruction.RecoveredSequence;
import leakmark.attacks.djl.Tokenizers;
import leakmark.attacks.djl.TransformerGradient;
import leakmark.attacks.encoder.Attacks;
import leakmark.attacks.metrics.RecoveryScore;
import leakmark.attacks.model.Architecture;
import leakmark.attacks.model.Models;
import leakmark.attacks.model.Presets;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.published.PublishedDager;
import leakmark.attacks.published.PublishedEncoder;
import leakmark.attacks.text.FramedTokenizer;
import leakmark.kernels.KernelProviders;
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
 * Whole attacks against batch size and sequence length, ours and the published algorithm. The client's gradient is
 * made before and not counted; each attack's recovery is.
 */
@State(Scope.Benchmark)
// Single shots: an attack takes from 0.05 s to minutes, and each must be scored.
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 12)
@Measurement(iterations = 10)
public class DagerBenchmark {
    /** Kernel provider, or {@code published} for the published algorithm on PyTorch. */
    @Param({"vector"})
    public String provider = "";

    /** Preset or directory. */
    @Param({"gpt2"})
    public String model = "";

    /** Standard deviation of a preset's weights. */
    @Param({"0.02"})
    public double weightStd;

    /** Seed of weights, sentences and labels. */
    @Param({"1"})
    public long seed;

    /** Sequences. */
    @Param({"1", "2", "4", "8", "16", "32"})
    public int batchSize;

    /** Most tokens of a sequence. */
    @Param({"8", "16", "24"})
    public int sequenceLength;

    private @Nullable PublicModel opened;
    private GradientStore.@Nullable Stored stored;
    private @Nullable Attack attack;
    private @Nullable TransformerGradient oracle;
    private final Set<IntBuffer> truth = new HashSet<>();

    /** What every attack of an iteration recovered, added up; divide by {@code attacks}. */
    @AuxCounters(AuxCounters.Type.EVENTS)
    @State(Scope.Thread)
    public static class Recovery {
        /** Attacks run. */
        public double attacks;

        /** True sequences. */
        public double sequences;

        /** Sequences recovered to the last token. */
        public double exactSequences;

        /** ROUGE-1 F-measure. */
        public double rouge1;

        /** ROUGE-2 F-measure. */
        public double rouge2;

        /** Tokens of the batch. */
        public double tokens;

        /** Seconds of the rank stage. */
        public double rankSeconds;

        /** Seconds of the token filter. */
        public double filterSeconds;

        /** Seconds of the search. */
        public double searchSeconds;

        /** Seconds of the final check. */
        public double checkSeconds;

        /** Rank of layer 1's inputs. */
        public double inputRank;

        /** Distinct prefixes. */
        public double distinctPrefixes;

        /** Pairs of prefix and candidate that were tried. */
        public double pairs;
    }

    /** Opens the model and reads the gradient. */
    @Setup
    public void prepare() {
        PublicModel publicModel = Models.open(model, seed, weightStd);
        opened = publicModel;
        stored = GradientStore.read(
                new GradientStore.Cell(model, weightStd, seed, batchSize, sequenceLength), publicModel);
        for (int[] sequence : stored.truth().tokens().sequences()) {
            truth.add(IntBuffer.wrap(sequence));
        }
        if (provider.equals("published")) {
            attack = published(publicModel);
        } else {
            attack = Attacks.exact(publicModel, KernelProviders.byName(provider), this::oracle);
        }
    }

    /** The published search for the model's architecture; the one for encoders is told B and [SEP]. */
    private Attack published(PublicModel publicModel) {
        if (publicModel.configuration().architecture() == Architecture.BERT) {
            Path directory = Presets.names().contains(model) ? null : Path.of(model);
            FramedTokenizer tokenizer = (FramedTokenizer)
                    Tokenizers.of(directory, publicModel.configuration()).tokenizer();
            PublishedEncoder encoder =
                    new PublishedEncoder(PublishedDager.Settings.defaults(), batchSize, tokenizer.last());
            encoder.prepare(publicModel);
            return encoder;
        }
        PublishedDager decoder = new PublishedDager();
        decoder.prepare(publicModel);
        return decoder;
    }

    /** Opened when first wanted: few attacks run the model. */
    private GradientOracle oracle() {
        TransformerGradient known = oracle;
        if (known == null) {
            known = new TransformerGradient();
            oracle = known;
        }
        return known;
    }

    /** One attack. */
    @Benchmark
    public Reconstruction attack(Recovery recovery) {
        GradientStore.Stored target = Objects.requireNonNull(stored);
        Reconstruction result;
        try {
            result = Objects.requireNonNull(attack).reconstruct(Objects.requireNonNull(opened), target.gradient());
        } catch (AttackException e) {
            // An attack that gives up has recovered nothing; the gate withholds its time.
            result = Reconstruction.none();
        }
        record(recovery, target, result);
        return result;
    }

    /** Scoring: microseconds where all is exact. */
    private void record(Recovery recovery, GradientStore.Stored target, Reconstruction result) {
        int exact = 0;
        for (RecoveredSequence sequence : result.sequences()) {
            exact += truth.contains(IntBuffer.wrap(sequence.tokens())) ? 1 : 0;
        }
        boolean all = exact == truth.size() && result.sequences().size() == exact;
        RecoveryScore score = all ? null : RecoveryScore.of(target.truth(), result);
        recovery.attacks++;
        recovery.sequences += truth.size();
        recovery.exactSequences += score == null ? exact : score.exactSequences();
        recovery.rouge1 += score == null ? 1 : score.rouge1();
        recovery.rouge2 += score == null ? 1 : score.rouge2();
        recovery.tokens += target.truth().tokens().tokens();
        recovery.rankSeconds += result.secondsByStage().getOrDefault("rank", 0.0);
        recovery.filterSeconds += result.secondsByStage().getOrDefault("filter", 0.0);
        recovery.searchSeconds += result.secondsByStage().getOrDefault("search", 0.0);
        recovery.checkSeconds += result.secondsByStage().getOrDefault("check", 0.0);
        recovery.pairs += result.counters().getOrDefault("pairs", 0.0);
        Reconstruction.Capacity capacity = result.capacity();
        if (capacity != null) {
            recovery.inputRank += capacity.inputRank();
            recovery.distinctPrefixes += capacity.distinctPrefixes();
        }
    }

    /** Frees PyTorch's memory. */
    @TearDown
    public void close() {
        if (attack != null) {
            attack.close();
        }
        if (oracle != null) {
            oracle.close();
        }
    }
}
