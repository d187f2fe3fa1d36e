package leakmark.benchmarks.jmh;

import java.util.Objects;
import java.util.concurrent.TimeUnit;
import leakmark.kernels.DeviceMatrix;
import leakmark.kernels.KernelProvider;
import leakmark.kernels.KernelProviders;
import leakmark.kernels.Matrix;
import leakmark.kernels.VocabularySweep.Hits;
import leakmark.kernels.vector.Streaming;
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

/** The vocabulary sweep over all tokens and positions, beside reading the same table once. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
// The table must come from memory each time: 154 MB is beyond every cache here, and no second fork would change that.
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class TokenFilterBenchmark {
    private static final int SKETCH_COLUMNS = 8;

    /** Kernel provider. */
    @Param({"vector"})
    public String provider = "";

    /** d. */
    @Param({"768"})
    public int hiddenSize;

    /** V. */
    @Param({"50257"})
    public int vocabularySize;

    /** Positions tested. */
    @Param({"64"})
    public int sequenceLength;

    private Matrix host = Matrix.zeros(0, 0);
    private Matrix sketch = Matrix.zeros(0, 0);
    private Matrix positions = Matrix.zeros(0, 0);
    private @Nullable KernelProvider kernels;
    private @Nullable DeviceMatrix table;

    /** Makes the table. */
    @Setup
    public void makeTable() {
        kernels = KernelProviders.byName(provider);
        host = Synthetic.matrix(vocabularySize, hiddenSize, 0.02, 1);
        table = kernels.upload(host);
        sketch = Synthetic.matrix(hiddenSize, SKETCH_COLUMNS, 1 / Math.sqrt(hiddenSize), 2);
        positions = Synthetic.matrix(sequenceLength, SKETCH_COLUMNS, 0.02, 3);
    }

    /** Every token at every position. The threshold is far under the nearest of random distances, as in the attack. */
    @Benchmark
    public Hits sweep() {
        return Objects.requireNonNull(kernels)
                .vocabularySweep()
                .sweep(Objects.requireNonNull(table), sketch, positions, 1e-5f);
    }

    /** The floor: the table read once by all cores. */
    @Benchmark
    public float stream() {
        return Streaming.sum(host.data());
    }
}
