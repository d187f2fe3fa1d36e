package leakmark.benchmarks.jmh;

import java.util.Objects;
import java.util.concurrent.TimeUnit;
import leakmark.attacks.model.TextNetwork;
import org.jspecify.annotations.Nullable;
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

/** One evaluation of a batch of attacks on sentences; otherwise as {@link GradientMatchingBenchmark}. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
// One fork of short iterations: a call takes 0.1 to hundreds of milliseconds, and rounds come from repeated runs.
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class TextGradientMatchingBenchmark {
    /** BERT's and GPT-2's initial standard deviation. */
    private static final double STANDARD_DEVIATION = 0.02;

    /** Kernel provider, or {@code torch} for double backward on PyTorch. */
    @Param({"vector", MatchedGradients.TORCH})
    public String provider = "";

    /** Network. */
    @Param({"encoder"})
    public String model = "";

    /** Independent attacks at once. */
    @Param({"1", "64"})
    public int attacks;

    /** Sentences of an attack. */
    @Param({"1"})
    public int batchSize;

    /** Tokens of a sentence. */
    @Param({"16"})
    public int sequenceLength;

    private @Nullable MatchedGradients matched;

    /** Makes attacks whose targets are gradients of other random batches. */
    @Setup
    public void prepare() {
        matched = new MatchedGradients(
                provider,
                TextNetwork.open(model, sequenceLength, 1, STANDARD_DEVIATION).model(),
                attacks,
                batchSize);
    }

    /** All attacks once. */
    @Benchmark
    public double[] evaluate(GradientMatchingBenchmark.Rate rate) {
        rate.evaluations += attacks;
        return Objects.requireNonNull(matched).evaluate();
    }

    /** Both ways must have come to the same; frees memory outside the heap. */
    @TearDown
    public void close() {
        Objects.requireNonNull(matched).close();
    }
}
