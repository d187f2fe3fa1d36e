package leakmark.kernels.vector.matching;

import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Threads that share a loop without allocating anything, which streams and fork-join tasks do. The caller works too; a
 * second caller, while the threads are busy, works alone.
 */
final class Workers {
    /** One a core, for the whole process, started when first needed. */
    static final Workers ALL = new Workers(Runtime.getRuntime().availableProcessors());

    private final int count;
    private final ReentrantLock busy = new ReentrantLock();
    private final Semaphore begin = new Semaphore(0);
    private final Semaphore end = new Semaphore(0);
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger number = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private volatile @Nullable Body body;
    private volatile int length;
    private boolean started;

    Workers(int count) {
        this.count = count;
    }

    /** A step of a loop. */
    interface Body {
        /**
         * Runs it.
         *
         * @param worker from 0 to {@link #count} − 1, no two at a time
         */
        void run(int worker, int index);
    }

    /** Most that run at a time. */
    int count() {
        return count;
    }

    /** Runs a body for 0 … n−1, in any order. */
    void run(int n, Body loop) {
        if (n <= 1 || count == 1 || !busy.tryLock()) {
            for (int i = 0; i < n; i++) {
                loop.run(0, i);
            }
            return;
        }
        try {
            start();
            body = loop;
            length = n;
            next.set(0);
            number.set(1);
            int helpers = Math.min(n, count) - 1;
            begin.release(helpers);
            work(loop, 0);
            end.acquireUninterruptibly(helpers);
            body = null;
            Throwable thrown = failure.getAndSet(null);
            if (thrown instanceof Error error) {
                throw error;
            }
            if (thrown != null) {
                throw (RuntimeException) thrown;
            }
        } finally {
            busy.unlock();
        }
    }

    private void start() {
        if (!started) {
            started = true;
            for (int t = 1; t < count; t++) {
                Thread thread = new Thread(this::serve, "gradient-matching-" + t);
                thread.setDaemon(true);
                thread.start();
            }
        }
    }

    private void serve() {
        while (true) {
            begin.acquireUninterruptibly();
            Body loop = body;
            if (loop != null) {
                work(loop, number.getAndIncrement());
            }
            end.release();
        }
    }

    private void work(Body loop, int worker) {
        try {
            for (int i = next.getAndIncrement(); i < length; i = next.getAndIncrement()) {
                loop.run(worker, i);
            }
        } catch (RuntimeException | Error thrown) {
            failure.compareAndSet(null, thrown);
        }
    }
}
