package leakmark.benchmarks.jmh;

import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import leakmark.kernels.KernelProvider;
import leakmark.kernels.KernelProviders;
import leakmark.kernels.Matrix;
import leakmark.kernels.RowSpace;
import leakmark.kernels.SpanProjection;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * Distances from a span with a slow-down of known size, which {@code leakmark selftest} must find. By plain loops: they are
 * compiled after a quarter of a second, where the Vector API's take three. Their time is the latency of one chain of additions
 * in registers, which neither a busy sibling core nor the place of an array changes.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
// Short on purpose: a self-test is many forks. One collector thread starts sooner.
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "-XX:+UseSerialGC"})
// Four forks warm up at the same time, on two cores perhaps.
@Warmup(iterations = 20, time = 50, timeUnit = TimeUnit.MILLISECONDS)
// Some twenty calls each: bursts of the machine last a tenth of a second and more, and hit neighbouring turns alike.
@Measurement(iterations = 50, time = 10, timeUnit = TimeUnit.MILLISECONDS)
public class SelfTestBenchmark {
    /** Percent of the projection's own time that a plain call takes. */
    private static final long WAITING = 120;

    /** Kernel provider. */
    @Param({"scalar"})
    public String provider = "";

    /** d. */
    @Param({"64"})
    public int hiddenSize;

    /** Rank of the span. */
    @Param({"32"})
    public int rank;

    /** Vectors tested. */
    @Param({"100"})
    public int sequenceLength;

    /** How much longer each call is made to take than it took. */
    @Param({"0", "5", "10"})
    public int percentSlower;

    private double[] vectors = new double[0];
    private @Nullable SpanProjection projection;
    private @Nullable RowSpace space;

    /** Makes the span and the vectors. */
    @Setup
    public void makeSpan() {
        KernelProvider kernels = KernelProviders.byName(provider);
        projection = kernels.spanProjection();
        space = projection.rowSpace(Synthetic.gradient(hiddenSize, hiddenSize, rank, 1));
        Matrix random = Synthetic.matrix(sequenceLength, hiddenSize, 1, 2);
        vectors = IntStream.range(0, random.data().length)
                .mapToDouble(i -> random.data()[i])
                .toArray();
    }

    /**
     * The projection, and then waiting for a part of its own time: the slow-down is exact whatever the machine does. All wait
     * for a fifth of it, so that the slower ones run the same code: on a busy machine forks that never waited were 4 % slower
     * than those that did.
     */
    @Benchmark
    public double[] residuals() {
        long start = System.nanoTime();
        double[] residuals = Objects.requireNonNull(projection).residuals(Objects.requireNonNull(space), vectors);
        long end = System.nanoTime();
        long until = start + (end - start) * WAITING * (100 + percentSlower) / 10_000;
        while (System.nanoTime() < until) {
            Thread.onSpinWait();
        }
        return residuals;
    }
}
