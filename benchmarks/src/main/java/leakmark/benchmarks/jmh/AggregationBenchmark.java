package leakmark.benchmarks.jmh;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import leakmark.attacks.defences.SecureAggregation;
import leakmark.attacks.encryption.EncryptedSum;
import leakmark.attacks.encryption.EncryptedSum.Ciphertexts;
import org.jspecify.annotations.Nullable;
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

/** What hiding a client's values from the server costs, for as many values: masks, and homomorphic encryption on all cores. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class AggregationBenchmark {
    private static final int CLIENTS = 4;
    private static final double RANGE = 1;

    /** Values of a client. */
    @Param({"1024"})
    public int values;

    /** Of an encrypted value. */
    @Param({"16"})
    public int bits;

    private float[] gradient = {};
    private @Nullable SecureAggregation masks;
    private @Nullable EncryptedSum encryption;
    private List<Ciphertexts> sent = List.of();

    /** Draws a gradient, keys and ciphertexts. */
    @Setup(Level.Trial)
    public void draw() {
        SplittableRandom random = new SplittableRandom(1);
        gradient = new float[values];
        for (int i = 0; i < values; i++) {
            gradient[i] = (float) random.nextDouble(-1, 1);
        }
        masks = new SecureAggregation(CLIENTS, CLIENTS - 1, 2);
        EncryptedSum scheme = new EncryptedSum(CLIENTS, bits);
        encryption = scheme;
        Ciphertexts[] all = new Ciphertexts[CLIENTS];
        Arrays.setAll(all, c -> scheme.encrypt(gradient, RANGE));
        sent = List.of(all);
    }

    /** A client's masked vector. */
    @Benchmark
    public Object mask() {
        return Objects.requireNonNull(masks).masked(0, gradient);
    }

    /** A client's ciphertexts. */
    @Benchmark
    public Object encrypt() {
        return Objects.requireNonNull(encryption).encrypt(gradient, RANGE);
    }

    /** The server's sum of four clients' ciphertexts. */
    @Benchmark
    public Object add() {
        return EncryptedSum.add(sent);
    }

    /** The sum in the clear. */
    @Benchmark
    public Object decrypt() {
        return Objects.requireNonNull(encryption).decrypt(sent.get(0), RANGE);
    }
}
