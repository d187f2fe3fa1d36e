package leakmark.kernels.vector.matching;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicIntegerArray;
import leakmark.kernels.matching.Cases;
import leakmark.kernels.matching.Distance;
import leakmark.kernels.matching.GradientMatching.Evaluator;
import leakmark.kernels.matching.Layer.Activation;
import leakmark.kernels.matching.Network;
import leakmark.kernels.matching.Networks;
import leakmark.kernels.matching.Shape.Image;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What an evaluation must not do: allocate, or depend on how the attacks are spread over cores. */
@Tag("own-process")
class SteadyStateTest {
    private static final int EVALUATIONS = 10_000;

    /** The JIT needs some hundred evaluations until no vector is boxed any more. */
    private static final long WARM_UP_NANOSECONDS = 20_000_000_000L;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @Test
    void tenThousandEvaluationsAllocateNothing() {
        Network network = Networks.leNet(new Image(1, 8, 8), 5, Activation.SIGMOID);
        float[] parameters = Networks.uniform(network, 0.5, 1);
        float[] x = Cases.gaussian(64, 1, 1);
        float[] l = Cases.gaussian(5, 1, 2);
        float[] dx = new float[64];
        float[] dl = new float[5];
        double[] value = new double[1];
        int[] active = {0};
        try (Evaluator evaluator = new VectorGradientMatching().open(network, parameters, 1, 1, Distance.squared())) {
            evaluator.target(0, Cases.gaussian(parameters.length, 0.1, 3));
            long end = System.nanoTime() + WARM_UP_NANOSECONDS;
            long before;
            do {
                before = allocated();
                for (int i = 0; i < 1000; i++) {
                    evaluator.evaluate(active, 1, x, l, value, dx, dl);
                }
            } while (allocated() - before >= 1000 && System.nanoTime() < end);
            before = allocated();
            for (int i = 0; i < EVALUATIONS; i++) {
                evaluator.evaluate(active, 1, x, l, value, dx, dl);
            }
            long bytes = allocated() - before;
            // The smallest object has 16 bytes; reading the counter may cost a few once.
            assertTrue(bytes < EVALUATIONS, bytes + " bytes allocated in " + EVALUATIONS + " evaluations");
        }
    }

    private static long allocated() {
        return THREADS.getThreadAllocatedBytes(Thread.currentThread().getId());
    }

    @Test
    void workersRunEveryStepOnce() throws Exception {
        Workers workers = new Workers(3);
        AtomicIntegerArray runs = new AtomicIntegerArray(1000);
        // All three must arrive: had the caller done all the work, this would not end.
        CyclicBarrier barrier = new CyclicBarrier(3);
        workers.run(3, (worker, index) -> {
            try {
                barrier.await();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        for (int round = 0; round < 20; round++) {
            workers.run(runs.length(), (worker, index) -> runs.incrementAndGet(index));
        }
        for (int i = 0; i < runs.length(); i++) {
            assertEquals(20, runs.get(i));
        }
    }

    @Test
    void aFailedStepIsTheCallersFailure() {
        Workers workers = new Workers(2);
        IllegalStateException failure = new IllegalStateException("step 5");
        Throwable thrown = null;
        try {
            workers.run(50, (worker, index) -> {
                if (index == 5) {
                    throw failure;
                }
            });
        } catch (IllegalStateException e) {
            thrown = e;
        }
        assertSame(failure, thrown);
        workers.run(2, (worker, index) -> {});
    }
}
