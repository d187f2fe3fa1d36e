package leakmark.benchmarks.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openjdk.jmh.runner.IterationType;

/** Forks stand in threads here, each with a profiler of its own. */
class TurnsTest {
    private static final int FORKS = 3;

    @TempDir
    private Path folder = Path.of("");

    private final List<String> order = Collections.synchronizedList(new ArrayList<>());

    private Turns fork(Path file, int index) {
        System.setProperty(Turns.FILE, file.toString());
        System.setProperty(Turns.MINE, Integer.toString(index));
        System.setProperty(Turns.ALL, Integer.toString(FORKS));
        try {
            return new Turns();
        } finally {
            System.clearProperty(Turns.MINE);
            System.clearProperty(Turns.ALL);
        }
    }

    private void iteration(Turns turns, IterationType type, String name) {
        turns.begin(type);
        order.add(name);
        turns.end(type);
    }

    /** The last fork warms up only when the first is done with it; nobody measures before; then they go in turn. */
    @Test
    void forksWarmUpTogetherAndMeasureInTurn() throws Exception {
        Path file = folder.resolve("turns");
        Files.write(file, Turns.start(FORKS));
        List<Turns> forks = new ArrayList<>();
        for (int f = 0; f < FORKS; f++) {
            forks.add(fork(file, f));
        }
        CountDownLatch firstIsWarm = new CountDownLatch(1);
        ExecutorService threads = Executors.newFixedThreadPool(FORKS);
        List<Future<?>> running = new ArrayList<>();
        try {
            for (int f = 0; f < FORKS; f++) {
                int index = f;
                running.add(threads.submit(() -> {
                    if (index == FORKS - 1) {
                        firstIsWarm.await();
                    }
                    iteration(forks.get(index), IterationType.WARMUP, "w");
                    iteration(forks.get(index), IterationType.WARMUP, "w");
                    firstIsWarm.countDown();
                    iteration(forks.get(index), IterationType.MEASUREMENT, "m" + index);
                    iteration(forks.get(index), IterationType.MEASUREMENT, "m" + index);
                    return null;
                }));
            }
            for (Future<?> each : running) {
                each.get(30, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
            System.clearProperty(Turns.FILE);
        }
        assertEquals(List.of("w", "w", "w", "w", "w", "w", "m0", "m1", "m2", "m0", "m1", "m2"), order);
    }
}
