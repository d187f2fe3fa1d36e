package leakmark.benchmarks.jmh;

import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import leakmark.attacks.defences.Protection;
import leakmark.attacks.model.Tensor;
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
import org.openjdk.jmh.annotations.Warmup;

/** What a defence costs the client per gradient: GPT-2 small's query, key and value of one layer, 1.77 M entries. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class DefenceBenchmark {
    private static final int ROWS = 768;
    private static final int COLUMNS = 2304;

    /** Specification. */
    @Param({
        "gaussian:1e-4",
        "laplace:1e-4",
        "fp16",
        "bf16",
        "int8",
        "int8-stochastic",
        "prune:0.7",
        "top-k:0.3",
        "dgc:0.1",
        "sign",
        "mask:0.3"
    })
    public String defence = "";

    private Map<String, Tensor> gradient = Map.of();
    private Protection protection = Protection.none();
    private long seed;

    /** Bytes on the wire of one gradient. */
    @AuxCounters(AuxCounters.Type.EVENTS)
    @State(Scope.Thread)
    public static class Wire {
        /** Bytes of the last gradient; JMH reads it by its name. */
        public double bytes;
    }

    /** Draws a gradient of normal entries: no defence's cost depends on their values. */
    @Setup(Level.Trial)
    public void draw() {
        SplittableRandom random = new SplittableRandom(1);
        float[] values = new float[ROWS * COLUMNS];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        gradient = Map.of("weight", Tensor.matrix(ROWS, COLUMNS, values));
        protection = Protection.parse(defence);
    }

    /** One gradient through the defence. */
    @Benchmark
    public Object apply(Wire wire) {
        wire.bytes = protection.bytes((long) ROWS * COLUMNS);
        return protection.apply(gradient, seed++);
    }
}
