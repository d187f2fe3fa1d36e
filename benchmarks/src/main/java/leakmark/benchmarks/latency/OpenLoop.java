package leakmark.benchmarks.latency;

import java.util.concurrent.locks.LockSupport;

/**
 * Calls at intended times, {@code start + i / rate}, whatever the calls before took: a client that does not wait. A call
 * that begins late because others were slow has waited, and that counts (no coordinated omission).
 */
public final class OpenLoop {
    private static final long SPIN_NANOS = 50_000;

    private OpenLoop() {}

    /** A clock and how to wait for it. */
    interface Time {
        /** Nanoseconds from an arbitrary origin. */
        long nanos();

        /** Returns at the given time, or at once if it has passed. */
        void until(long nanos);
    }

    /** The system's: sleeps, and spins at the end, since a sleep ends some 50 µs late. */
    private static final class SystemTime implements Time {
        @Override
        public long nanos() {
            return System.nanoTime();
        }

        @Override
        public void until(long nanos) {
            for (long left = nanos - System.nanoTime(); left > 0; left = nanos - System.nanoTime()) {
                if (left > SPIN_NANOS) {
                    LockSupport.parkNanos(left - SPIN_NANOS);
                } else {
                    Thread.onSpinWait();
                }
            }
        }
    }

    /**
     * Runs calls one after the other on this thread.
     *
     * @param call what is timed
     * @param perSecond intended calls a second, above 0
     * @param calls how many
     */
    public static LatencyLog run(Runnable call, double perSecond, long calls) {
        return run(call, perSecond, calls, new SystemTime());
    }

    static LatencyLog run(Runnable call, double perSecond, long calls, Time time) {
        if (!(perSecond > 0) || calls < 1) {
            throw new IllegalArgumentException(calls + " calls at " + perSecond + " a second");
        }
        LatencyLog log = new LatencyLog(perSecond);
        long first = time.nanos();
        for (long i = 0; i < calls; i++) {
            long intended = first + Math.round(i * (1e9 / perSecond));
            time.until(intended);
            long start = time.nanos();
            call.run();
            log.record(intended - first, start - first, time.nanos() - first);
        }
        return log;
    }
}
