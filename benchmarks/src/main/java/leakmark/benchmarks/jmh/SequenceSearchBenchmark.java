package leakmark.benchmarks.jmh;

import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import leakmark.kernels.KernelProvider;
import leakmark.kernels.KernelProviders;
import leakmark.kernels.Matrix;
import leakmark.kernels.PrefixExtension.Search;
import leakmark.kernels.PrefixExtension.Survivors;
import leakmark.kernels.PrefixTables;
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

/** The search's last and dearest step: all live prefixes of full length extended by every candidate. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SequenceSearchBenchmark {
    private static final int HEADS = 12;
    private static final int SKETCH_COLUMNS = 8;

    /** Natural text of B × L tokens brings about this part of them as distinct candidates (measured: 321 of 604). */
    private static final double DISTINCT = 0.53;

    /** Kernel provider. */
    @Param({"vector"})
    public String provider = "";

    /** d. */
    @Param({"768"})
    public int hiddenSize;

    /** Live prefixes. */
    @Param({"8", "32"})
    public int batchSize;

    /** Their length, the new token included. */
    @Param({"24"})
    public int sequenceLength;

    private int[] candidates = new int[0];
    private @Nullable Search search;

    /** Grows the prefixes. */
    @Setup
    public void growPrefixes() {
        int tokens = Math.max(batchSize, (int) (DISTINCT * batchSize * sequenceLength));
        KernelProvider kernels = KernelProviders.byName(provider);
        Matrix ones = new Matrix(tokens, sequenceLength, new float[tokens * sequenceLength]);
        Arrays.fill(ones.data(), 1);
        candidates = IntStream.range(0, tokens).toArray();
        Search grown = kernels.prefixExtension()
                .open(new PrefixTables(
                        HEADS,
                        Synthetic.matrix(tokens, 3 * hiddenSize, 0.5, 1),
                        Synthetic.matrix(sequenceLength, 3 * hiddenSize, 0.5, 2),
                        Synthetic.matrix(1, 3 * hiddenSize, 0.1, 3).data(),
                        ones,
                        Synthetic.matrix(hiddenSize, SKETCH_COLUMNS, 1 / Math.sqrt(hiddenSize), 4)));
        for (int position = 0; position < sequenceLength - 1; position++) {
            int shift = position;
            int[] next = IntStream.range(0, batchSize)
                    .map(b -> (b + 7 * shift) % tokens)
                    .toArray();
            int first = position == 0 ? -1 : 0;
            int[] prefixes = IntStream.range(0, batchSize)
                    .map(b -> first + (shift == 0 ? 0 : b))
                    .toArray();
            grown.accept(new Survivors(position, prefixes, next, 0));
        }
        search = grown;
    }

    /** One step. With tolerance 0 nothing survives, so that each call sees the same state. */
    @Benchmark
    public Survivors lastPosition() {
        return Objects.requireNonNull(search).extend(sequenceLength - 1, candidates, 0);
    }

    /** Frees the prefixes. */
    @TearDown
    public void close() {
        Objects.requireNonNull(search).close();
    }
}
