package leakmark.benchmarks.jmh;

import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import leakmark.kernels.KernelProviders;
import leakmark.kernels.SupportRecovery;
import leakmark.kernels.SupportRecovery.Dictionary;
import leakmark.kernels.SupportRecovery.Problem;
import leakmark.kernels.SupportRecovery.Schedule;
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

/** Several tokens' sequences at once: one group-sparse solve each, over the atoms of a batch. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class SupportRecoveryBenchmark {
    private static final int SYSTEMS = 24;
    private static final int HEAD_SIZE = 64;

    /** Solves of a call: as many as the search has under way on two cores. */
    private static final int SEEDS = 2;

    /** Natural text of B × L tokens has about this part of them as distinct tokens (measured: 249 of 476). */
    private static final double DISTINCT = 0.52;

    private static final Schedule SCHEDULE = new Schedule(20, 0.95, 1, 0.5, 1e-9, 1e-11);

    /** Kernel provider. */
    @Param({"vector"})
    public String provider = "";

    /** Sequences of the batch the atoms come from. */
    @Param({"8", "32", "128"})
    public int batchSize;

    /** Tokens of a sequence: half the support. */
    @Param({"16"})
    public int sequenceLength;

    private @Nullable SupportRecovery recovery;
    private @Nullable Dictionary dictionary;
    private Problem[] problems = new Problem[0];

    /** Random atoms, and vectors of 2 L of them. */
    @Setup
    public void draw() {
        int atoms = (int) (DISTINCT * batchSize * sequenceLength) + 2 * sequenceLength;
        int equations = HEAD_SIZE + 1;
        Random random = new Random(1);
        double[] values =
                random.doubles((long) SYSTEMS * equations * atoms, -1, 1).toArray();
        double[] ones = new double[atoms];
        Arrays.fill(ones, 1);
        problems = new Problem[SEEDS];
        for (int s = 0; s < SEEDS; s++) {
            int[] support =
                    random.ints(0, atoms).distinct().limit(2L * sequenceLength).toArray();
            double[] y = new double[SYSTEMS * equations];
            for (int row = 0; row < y.length; row++) {
                for (int atom : support) {
                    y[row] += values[row * atoms + atom];
                }
            }
            problems[s] = new Problem(1, y, ones);
        }
        recovery = KernelProviders.byName(provider).supportRecovery();
        dictionary = new Dictionary(SYSTEMS, equations, atoms, values);
    }

    /** One solve for each seed. */
    @Benchmark
    public double[][] groupNorms() {
        return Objects.requireNonNull(recovery).groupNorms(Objects.requireNonNull(dictionary), problems, SCHEDULE);
    }
}
