package leakmark.benchmarks.compare;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.runner.IterationType;

/**
 * A JMH profiler that lets forks which run at the same time measure in turn, an iteration each: what a shared machine does to
 * times lasts for a tenth of a second and more, and so hits neighbouring iterations of all sides alike. They warm up together,
 * and the first turn begins when all are warm.
 *
 * <p>One class file without others, so that it can be laid beside the jar of any revision.
 */
public final class Turns implements InternalProfiler {
    /** System property of the forks: a file of integers, the number of iterations that have ended, and for each fork 1 if warm. */
    static final String FILE = "leakmark.turns.file";

    /** System property: which of the forks this is, from 0. */
    static final String MINE = "leakmark.turns.mine";

    /** System property: how many forks there are. */
    static final String ALL = "leakmark.turns.all";

    /** Nanoseconds; four forks that looked ten times as often kept each other from working. */
    private static final long POLL = 500_000;

    private final int mine = Integer.getInteger(MINE, 0);
    private final int all = Integer.getInteger(ALL, 1);
    private @Nullable MappedByteBuffer opened;

    /** Content of the file before any iteration. */
    static byte[] start(int forks) {
        return new byte[Integer.BYTES * (1 + forks)];
    }

    @Override
    public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
        begin(iteration.getType());
    }

    @Override
    public Collection<? extends Result<?>> afterIteration(
            BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
        end(iteration.getType());
        return List.of();
    }

    /** Waits for this fork's turn, and for the others' warm-up before the first. */
    void begin(IterationType type) {
        if (type == IterationType.WARMUP) {
            return;
        }
        file().putInt(Integer.BYTES * (1 + mine), 1);
        // Whoever waits for a fork that failed is ended by the program that started both.
        while (turn() % all != mine || !areAllWarm()) {
            LockSupport.parkNanos(POLL);
        }
    }

    private boolean areAllWarm() {
        return IntStream.rangeClosed(1, all).allMatch(fork -> file().getInt(Integer.BYTES * fork) == 1);
    }

    /** Gives the turn on. */
    void end(IterationType type) {
        if (type == IterationType.MEASUREMENT) {
            file().putInt(0, turn() + 1);
        }
    }

    private int turn() {
        VarHandle.fullFence();
        return file().getInt(0);
    }

    /** Opened in the fork: JMH makes its profilers once more in the process that starts forks. */
    private MappedByteBuffer file() {
        MappedByteBuffer known = opened;
        if (known == null) {
            Path file = Path.of(System.getProperty(FILE, ""));
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                known = channel.map(FileChannel.MapMode.READ_WRITE, 0, Integer.BYTES * (1L + all));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            known.order(ByteOrder.nativeOrder());
            opened = known;
        }
        return known;
    }

    @Override
    public String getDescription() {
        return "forks measure in turn";
    }
}
