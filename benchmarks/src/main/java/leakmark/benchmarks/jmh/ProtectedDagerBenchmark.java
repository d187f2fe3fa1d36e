package leakmark.benchmarks.jmh;

import java.util.Objects;
import java.util.concurrent.TimeUnit;
import leakmark.attacks.Attack;
import leakmark.attacks.Reconstruction;
import leakmark.attacks.SharedGradient;
import leakmark.attacks.Task;
import leakmark.attacks.client.BatchSampler;
import leakmark.attacks.client.Client;
import leakmark.attacks.client.ClientBatch;
import leakmark.attacks.client.Padding;
import leakmark.attacks.client.ReadParameters;
import leakmark.attacks.djl.Tokenizers;
import leakmark.attacks.djl.TransformerGradient;
import leakmark.attacks.metrics.RecoveryScore;
import leakmark.attacks.model.Models;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.text.TextFile;
import leakmark.attacks.text.TextProfile;
import leakmark.benchmarks.cli.Attacker;
import leakmark.benchmarks.study.Attempt;
import leakmark.kernels.KernelProviders;
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
 * DAGER's time and recovery against each defence's strength, one sentence, by an attacker who does not know the defence and one
 * who does. The protected gradient is made before and not counted.
 */
@State(Scope.Benchmark)
// Single shots, as for attacks on exact gradients: each must be scored.
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 3)
@Measurement(iterations = 5)
public class ProtectedDagerBenchmark {
    /** Specification. */
    @Param({
        "none",
        "gaussian:1e-5",
        "gaussian:1e-4",
        "gaussian:5e-4",
        "laplace:1e-4",
        "fp16",
        "bf16",
        "int8",
        "int8-stochastic",
        "prune:0.2",
        "prune:0.7",
        "prune:0.9",
        "top-k:0.3",
        "top-k:0.1",
        "dgc:0.1",
        "sign",
        "mask:0.7",
        "mask:0.3",
        "dp-sgd:1:1e-4",
        "dp-sgd:1:1"
    })
    public String defence = "";

    /** {@code unaware} or {@code aware}. */
    @Param({"unaware", "aware"})
    public String attacker = "";

    /** Preset. */
    @Param({"small"})
    public String model = "";

    /** Sentences. */
    @Param({"1"})
    public int batchSize;

    /** Most tokens of a sentence. */
    @Param({"24"})
    public int sequenceLength;

    /** Seed of weights, sentences, labels and the defence. */
    @Param({"1"})
    public long seed;

    private @Nullable PublicModel opened;
    private @Nullable ClientBatch truth;
    private @Nullable SharedGradient shared;
    private @Nullable Attack attack;

    /** What the attacks of an iteration recovered, added up; divide by {@code attacks}. */
    @AuxCounters(AuxCounters.Type.EVENTS)
    @State(Scope.Thread)
    public static class Recovery {
        /** Attacks run. */
        public double attacks;

        /** ROUGE-1 F-measure. */
        public double rouge1;

        /** Part of the tokens recovered. */
        public double tokenRecall;

        /** Attacks that gave up. */
        public double refusals;
    }

    /** Draws the batch and protects its gradient. */
    @Setup(Level.Trial)
    public void prepare() {
        PublicModel publicModel = Models.open(model, seed, 0.02);
        opened = publicModel;
        truth = new BatchSampler(
                        Tokenizers.of(null, publicModel.configuration().vocabularySize())
                                .tokenizer(),
                        TextFile.corpus(TextProfile.ALL),
                        sequenceLength,
                        Padding.RIGHT,
                        publicModel.configuration().labels())
                .sample(batchSize, seed);
        try (TransformerGradient oracle = new TransformerGradient()) {
            ReadParameters client = new ReadParameters(new Client(oracle), publicModel, Task.CLASSIFICATION);
            shared = client.protect(
                    defence,
                    truth,
                    client.plain(truth),
                    Client.decoderAttackNames(publicModel.configuration(), Task.CLASSIFICATION),
                    seed);
        }
        attack = Attacker.byLabel(attacker, "of protected gradients").dager(KernelProviders.best());
    }

    /** One attack. */
    @Benchmark
    public Reconstruction attack(Recovery recovery) {
        Attempt attempt = Attempt.of(
                Objects.requireNonNull(attack), Objects.requireNonNull(opened), Objects.requireNonNull(shared));
        Reconstruction found = attempt.found();
        recovery.refusals += attempt.refusal() == null ? 0 : 1;
        RecoveryScore score = RecoveryScore.of(Objects.requireNonNull(truth), found);
        recovery.attacks++;
        recovery.rouge1 += score.rouge1();
        recovery.tokenRecall += score.tokenRecall();
        return found;
    }

    /** Frees what the attack keeps. */
    @TearDown
    public void close() {
        Objects.requireNonNull(attack).close();
    }
}
