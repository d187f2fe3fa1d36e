package leakmark.kernels.vector;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntToDoubleFunction;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * What this machine's memory and arithmetic can do at most, measured in about 0.3 s each, and 0.7 s more the first time. A roof is the best of several
 * passes: the slower ones had company.
 */
public final class Roofs {
    /** 256 MiB of floats: beyond every last-level cache that a CPU of few cores has. */
    private static final int STREAMED = 1 << 26;

    private static final long BUDGET_NANOSECONDS = 300_000_000;
    private static final int FEWEST_PASSES = 3;

    /** Independent sums: latency 4 times two units would need 8. */
    private static final int SUMS = 12;

    private static final int ROUNDS = 1000;
    private static final int CALLS = 200;

    /** Until the loops are compiled they run a thousand times slower: C2 needed 0.3 s of them. */
    private static final long WARM_UP_NANOSECONDS = 700_000_000;

    private static final int WARM_UP_FLOATS = 1 << 14;

    private Roofs() {}

    /**
     * Reading speed of main memory.
     *
     * @param threads threads that read, each its own part of 256 MiB
     * @return GB/s (10⁹ bytes)
     * @throws IllegalArgumentException if {@code threads} is not positive
     */
    public static double memoryBandwidth(int threads) {
        float[] data = new float[STREAMED];
        Warm.up();
        double seconds = bestPass(threads, thread -> {
            int part = STREAMED / threads;
            return sum(data, thread * part, (thread + 1) * part);
        });
        long read = (long) (STREAMED / threads) * threads;
        return 4.0 * read / seconds * 1e-9;
    }

    /**
     * Fused multiply-adds on float vectors that stay in registers.
     *
     * @param threads threads that compute
     * @return GFLOP/s, two a multiply-add
     * @throws IllegalArgumentException if {@code threads} is not positive
     */
    public static double fmaRate(int threads) {
        Warm.up();
        double seconds = bestPass(threads, thread -> {
            float total = 0;
            for (int call = 0; call < CALLS; call++) {
                total += multiplyAdd(thread + call);
            }
            return total;
        });
        return 2.0 * SUMS * Species.LANES * ROUNDS * CALLS * threads / seconds * 1e-9;
    }

    private static double bestPass(int threads, IntToDoubleFunction work) {
        if (threads < 1) {
            throw new IllegalArgumentException("a roof needs at least one thread, not " + threads);
        }
        ExecutorService pool = Executors.newFixedThreadPool(threads, Roofs::daemon);
        try {
            List<Callable<Double>> parts = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                int thread = t;
                parts.add(() -> work.applyAsDouble(thread));
            }
            double best = Double.POSITIVE_INFINITY;
            long end = System.nanoTime() + BUDGET_NANOSECONDS;
            for (int pass = 0; pass < FEWEST_PASSES || System.nanoTime() < end; pass++) {
                long start = System.nanoTime();
                for (Future<Double> part : pool.invokeAll(parts)) {
                    used(part.get());
                }
                best = Math.min(best, (System.nanoTime() - start) * 1e-9);
            }
            return best;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a roof was measured", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } finally {
            pool.shutdownNow();
        }
    }

    /** Looks at a result, so that no loop is dead. */
    private static void used(double result) {
        if (!Double.isFinite(result)) {
            throw new IllegalStateException("a sum of finite numbers came out as " + result);
        }
    }

    private static Thread daemon(Runnable body) {
        Thread thread = new Thread(body, "roof");
        thread.setDaemon(true);
        return thread;
    }

    /** Runs the loops until they are compiled, once in a process. */
    private static final class Warm {
        static {
            float[] data = new float[WARM_UP_FLOATS];
            long end = System.nanoTime() + WARM_UP_NANOSECONDS;
            while (System.nanoTime() < end) {
                used(sum(data, 0, data.length) + multiplyAdd(1));
            }
        }

        private Warm() {}

        static void up() {}
    }

    private static float sum(float[] data, int from, int to) {
        int step = 4 * Species.LANES;
        FloatVector a = FloatVector.zero(Species.FLOAT);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        for (int i = from; i <= to - step; i += step) {
            a = a.add(FloatVector.fromArray(Species.FLOAT, data, i));
            b = b.add(FloatVector.fromArray(Species.FLOAT, data, i + Species.LANES));
            c = c.add(FloatVector.fromArray(Species.FLOAT, data, i + 2 * Species.LANES));
            d = d.add(FloatVector.fromArray(Species.FLOAT, data, i + 3 * Species.LANES));
        }
        return a.add(b).add(c.add(d)).reduceLanes(VectorOperators.ADD);
    }

    /** 12 sums x ← x·y + z with y below 1: they stay finite and normal. */
    private static float multiplyAdd(int seed) {
        FloatVector y = FloatVector.broadcast(Species.FLOAT, 0.999f);
        FloatVector z = FloatVector.broadcast(Species.FLOAT, 0.001f * (seed + 1));
        FloatVector a = z;
        FloatVector b = z.add(1);
        FloatVector c = z.add(2);
        FloatVector d = z.add(3);
        FloatVector e = z.add(4);
        FloatVector f = z.add(5);
        FloatVector g = z.add(6);
        FloatVector h = z.add(7);
        FloatVector i = z.add(8);
        FloatVector j = z.add(9);
        FloatVector k = z.add(10);
        FloatVector l = z.add(11);
        for (int round = 0; round < ROUNDS; round++) {
            a = a.fma(y, z);
            b = b.fma(y, z);
            c = c.fma(y, z);
            d = d.fma(y, z);
            e = e.fma(y, z);
            f = f.fma(y, z);
            g = g.fma(y, z);
            h = h.fma(y, z);
            i = i.fma(y, z);
            j = j.fma(y, z);
            k = k.fma(y, z);
            l = l.fma(y, z);
        }
        FloatVector first = a.add(b).add(c.add(d)).add(e.add(f));
        FloatVector second = g.add(h).add(i.add(j)).add(k.add(l));
        return first.add(second).reduceLanes(VectorOperators.ADD);
    }
}
