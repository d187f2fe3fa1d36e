package leakmark.benchmarks.jmh;

import java.util.Objects;
import java.util.concurrent.TimeUnit;
import leakmark.kernels.DeviceMatrix;
import leakmark.kernels.KernelProvider;
import leakmark.kernels.KernelProviders;
import leakmark.kernels.Matrix;
import leakmark.kernels.VocabularySweep.Hits;
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

/** The vocabulary sweep with a slow-down of known size, which {@code leakmark selftest} must find. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
// Short on purpose: a self-test is many forks. Plain loops are compiled after a quarter of a second; the Vector API's
// take
// three, in which 5 % drowns. They need one core, so that the compiler has the other. One collector thread starts
// sooner.
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "-XX:+UseSerialGC"})
@Warmup(iterations = 8, time = 50, timeUnit = TimeUnit.MILLISECONDS)
// Twenty calls each: bursts of the machine last a tenth of a second and more, and leave some iterations alone.
@Measurement(iterations = 25, time = 10, timeUnit = TimeUnit.MILLISECONDS)
public class SelfTestBenchmark {
    private static final int SKETCH_COLUMNS = 8;

    /** Kernel provider. */
    @Param({"scalar"})
    public String provider = "";

    /** d. */
    @Param({"64"})
    public int hiddenSize;

    /** V. */
    @Param({"500"})
    public int vocabularySize;

    /** Positions tested. */
    @Param({"16"})
    public int sequenceLength;

    /** How much longer each call is made to take than it took. */
    @Param({"0", "5", "10"})
    public int percentSlower;

    private Matrix sketch = Matrix.zeros(0, 0);
    private Matrix positions = Matrix.zeros(0, 0);
    private @Nullable KernelProvider kernels;
    private @Nullable DeviceMatrix table;

    /** Makes the table. */
    @Setup
    public void makeTable() {
        kernels = KernelProviders.byName(provider);
        table = kernels.upload(Synthetic.matrix(vocabularySize, hiddenSize, 0.02, 1));
        sketch = Synthetic.matrix(hiddenSize, SKETCH_COLUMNS, 1 / Math.sqrt(hiddenSize), 2);
        positions = Synthetic.matrix(sequenceLength, SKETCH_COLUMNS, 0.02, 3);
    }

    /** The sweep, and then waiting for the given part of its own time: the slow-down is exact whatever the machine does. */
    @Benchmark
    public Hits sweep() {
        long start = System.nanoTime();
        Hits hits = Objects.requireNonNull(kernels)
                .vocabularySweep()
                .sweep(Objects.requireNonNull(table), sketch, positions, 1e-5f);
        long end = System.nanoTime();
        long until = end + (end - start) * percentSlower / 100;
        while (System.nanoTime() < until) {
            Thread.onSpinWait();
        }
        return hits;
    }
}
