package leakmark.kernels.cuda;

import java.nio.ByteBuffer;

/**
 * Times work on a device by events, one run at a time.
 *
 * <p>A blocking kernel runs ahead of the work, so that its launches wait in the queue and their latency is not timed. A cold
 * run has the level-2 cache flushed before it. After each run a probe measures the clock; a run below 75 % of the default
 * clock is throttled, and its caller discards it.
 */
public final class DeviceTimer implements AutoCloseable {
    private static final long PATIENCE_NANOSECONDS = 2_000_000_000L;
    private static final long PROBE_NANOSECONDS = 20_000L;
    private static final double LEAST_CLOCK = 0.75;
    private static final String MODULE = "roofs";

    private final CudaDevice device;
    private final Stream stream;
    private final Event start;
    private final Event end;
    private final PinnedBuffer flag;
    private final PinnedBuffer clock;
    private final DeviceMemory probe;
    private final DeviceMemory flushed;

    /**
     * One run.
     *
     * @param deviceMilliseconds from the first kernel's start to the last one's end
     * @param hostMilliseconds that the host took to hand the work over
     * @param clockMegahertz of the multiprocessors just after
     * @param throttled true if the clock was below 75 % of the default
     */
    public record Run(double deviceMilliseconds, double hostMilliseconds, double clockMegahertz, boolean throttled) {}

    /** Takes what it needs: a buffer twice the level-2 cache and little else. */
    public DeviceTimer(CudaDevice device, Stream stream) {
        this.device = device;
        this.stream = stream;
        this.start = new Event(device);
        this.end = new Event(device);
        this.flag = new PinnedBuffer(device, Integer.BYTES, "the timer's flag");
        this.clock = new PinnedBuffer(device, 2 * Long.BYTES, "the timer's clock");
        this.probe = device.allocate(2 * Long.BYTES, "the timer's clock");
        this.flushed = device.allocate(Math.max(1 << 20, 2L * device.cacheBytes()), "flushing the cache");
    }

    /**
     * Times work that is put into the timer's stream.
     *
     * @param cold flush the cache before
     * @param blocked hold the stream until all of the work is queued; only for work that does not synchronise
     */
    public Run time(Runnable work, boolean cold, boolean blocked) {
        prepare(cold);
        ByteBuffer released = flag.bytes();
        released.putInt(0, 0);
        if (blocked) {
            device.kernel(MODULE, "roof_hold").launch(stream, Grid.of(1, 1), flag, PATIENCE_NANOSECONDS);
        }
        start.record(stream);
        long from = System.nanoTime();
        work.run();
        long host = System.nanoTime() - from;
        end.record(stream);
        released.putInt(0, 1);
        double megahertz = clock();
        return run(end.millisecondsSince(start), host * 1e-6, megahertz);
    }

    /** Times the kernels of work that uses streams of its own and may synchronise; copies and gaps do not count. */
    public Run timeKernels(Runnable work, boolean cold) {
        prepare(cold);
        LaunchProfile profile = LaunchProfile.start(device);
        LaunchProfile.Split split;
        try {
            work.run();
        } finally {
            split = profile.stop();
        }
        return run(split.kernelMilliseconds(), split.driverMilliseconds(), clock());
    }

    private void prepare(boolean cold) {
        if (cold) {
            flushed.clear(stream);
        }
        stream.synchronize();
    }

    private Run run(double deviceMilliseconds, double hostMilliseconds, double megahertz) {
        boolean throttled = megahertz * 1e3 < LEAST_CLOCK * device.clockKilohertz();
        return new Run(deviceMilliseconds, hostMilliseconds, megahertz, throttled);
    }

    /** Waits for the stream and measures the clock in MHz. */
    private double clock() {
        device.kernel(MODULE, "roof_clock").launch(stream, Grid.of(1, 1), probe, PROBE_NANOSECONDS);
        probe.copyTo(clock, 0, 0, 2 * Long.BYTES, stream);
        stream.synchronize();
        return clock.bytes().getLong(0) * 1e3 / clock.bytes().getLong(Long.BYTES);
    }

    @Override
    public void close() {
        flushed.close();
        probe.close();
        clock.close();
        flag.close();
        end.close();
        start.close();
    }
}
