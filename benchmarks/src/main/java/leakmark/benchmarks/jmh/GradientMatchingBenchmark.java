package leakmark.benchmarks.jmh;

import java.util.Objects;
import java.util.concurrent.TimeUnit;
import leakmark.attacks.model.NetworkPresets;
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
// One fork of short iterations: a call takes 0.1 to hundreds of milliseconds, and rounds come from repeated runs.
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class GradientMatchingBenchmark {
    /** Classes of the published CIFAR-100 attack. */
    public static final int CLASSES = 100;

    /** Kernel provider, or {@code torch} for double backward on PyTorch. */
    @Param({"vector", MatchedGradients.TORCH})
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

    private @Nullable MatchedGradients matched;

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
        matched = new MatchedGradients(
                provider,
                NetworkPresets.open(model, new Image(3, imageSize, imageSize), CLASSES, 1),
                attacks,
                batchSize);
    }

    /** All attacks once. */
    @Benchmark
    public double[] evaluate(Rate rate) {
        rate.evaluations += attacks;
        return Objects.requireNonNull(matched).evaluate();
    }

    /** Both ways must have come to the same; frees memory outside the heap. */
    @TearDown
    public void close() {
        Objects.requireNonNull(matched).close();
    }
}
