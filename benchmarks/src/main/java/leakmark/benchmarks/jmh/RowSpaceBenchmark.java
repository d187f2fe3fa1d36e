package leakmark.benchmarks.jmh;

import java.util.concurrent.TimeUnit;
import leakmark.kernels.KernelProvider;
import leakmark.kernels.KernelProviders;
import leakmark.kernels.Matrix;
import leakmark.kernels.RowSpace;
import leakmark.kernels.SpanProjection;
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
import org.openjdk.jmh.infra.Blackhole;

/** Rank decisions, bases and sketches of all three gradients of one decoder attack. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
// One fork of five short iterations: a call takes tens of milliseconds, and rounds come from repeated runs.
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RowSpaceBenchmark {
    private static final int SKETCH_COLUMNS = 8;

    /** Kernel provider. */
    @Param({"vector"})
    public String provider = "";

    /** d. */
    @Param({"768"})
    public int hiddenSize;

    /** Rank of each gradient. */
    @Param({"50", "200", "600"})
    public int rank;

    private Matrix inputs = Matrix.zeros(0, 0);
    private Matrix attention = Matrix.zeros(0, 0);
    private Matrix secondLayer = Matrix.zeros(0, 0);
    private float[] shift = new float[0];
    private @org.jspecify.annotations.Nullable KernelProvider kernels;

    /** Makes the gradients. */
    @Setup
    public void makeGradients() {
        kernels = KernelProviders.byName(provider);
        inputs = Synthetic.gradient(hiddenSize, 3 * hiddenSize, rank, 1);
        attention = Synthetic.gradient(hiddenSize, hiddenSize, rank, 2);
        secondLayer = Synthetic.gradient(hiddenSize, 3 * hiddenSize, rank, 3);
        shift = Synthetic.matrix(1, hiddenSize, 1, 4).data();
    }

    /** d × 3d with an appended direction, d × d, d × 3d; sketches of the first two. */
    @Benchmark
    public void allGradients(Blackhole sink) {
        SpanProjection projection = java.util.Objects.requireNonNull(kernels).spanProjection();
        RowSpace first = projection.rowSpace(inputs, shift);
        RowSpace second = projection.rowSpace(attention);
        RowSpace third = projection.rowSpace(secondLayer);
        if (first.rank() != rank + 1 || second.rank() != rank || third.rank() != rank) {
            throw new IllegalStateException(
                    "ranks " + first.rank() + ", " + second.rank() + ", " + third.rank() + " for " + rank);
        }
        sink.consume(projection.complementSketch(first, SKETCH_COLUMNS, 1));
        sink.consume(projection.complementSketch(second, SKETCH_COLUMNS, 2));
        sink.consume(third);
    }
}
