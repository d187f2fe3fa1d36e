package leakmark.attacks.dlg;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import leakmark.attacks.optim.BatchMinimiser;
import leakmark.attacks.optim.BatchMinimiser.Watch;
import leakmark.attacks.optim.Minimum;

/**
 * One attack a core, each from its start to its end: no attack waits for another's evaluation, and what L-BFGS reads in
 * every step (8·m·n bytes, twice) stays in that core's caches as far as they hold it.
 */
final class CoreMinimiser {
    private final int cores;
    private final BatchMinimiser minimiser;

    CoreMinimiser(int cores, BatchMinimiser minimiser) {
        this.cores = cores;
        this.minimiser = minimiser;
    }

    /**
     * Minimises.
     *
     * @param objectives opens an attack's function
     * @param watch asked and told by one thread at a time
     * @return a minimum for each attack, the same whatever the number of cores
     */
    List<Minimum> minimise(IntFunction<MatchingObjective> objectives, float[][] starts, double[] wanted, Watch watch) {
        Shared shared = new Shared(watch, starts.length);
        ExecutorService threads = Executors.newFixedThreadPool(Math.min(cores, starts.length));
        try {
            List<Future<Minimum>> running = new ArrayList<>();
            for (int a = 0; a < starts.length; a++) {
                int attack = a;
                running.add(threads.submit(() -> {
                    try (MatchingObjective objective = objectives.apply(attack)) {
                        return minimiser
                                .minimise(
                                        objective,
                                        new float[][] {starts[attack]},
                                        new double[] {wanted[attack]},
                                        shared)
                                .get(0);
                    } finally {
                        shared.ended();
                    }
                }));
            }
            List<Minimum> minima = new ArrayList<>();
            for (Future<Minimum> each : running) {
                minima.add(each.get());
            }
            return minima;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while attacks ran", e);
        } finally {
            threads.shutdownNow();
        }
    }

    /** One watch for all: sees the attacks that have not ended. */
    private static final class Shared implements Watch {
        private final Watch watch;
        private int left;

        Shared(Watch watch, int attacks) {
            this.watch = watch;
            this.left = attacks;
        }

        @Override
        public synchronized void running(int count) {
            watch.running(left);
        }

        @Override
        public synchronized boolean cancelled() {
            return watch.cancelled();
        }

        synchronized void ended() {
            left--;
            if (left > 0) {
                watch.running(left);
            }
        }
    }
}
