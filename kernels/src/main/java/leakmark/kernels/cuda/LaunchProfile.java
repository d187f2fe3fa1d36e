package leakmark.kernels.cuda;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the time of everything between {@link #start} and {@link #stop} went: each launch and copy is bracketed by events, and
 * the host's time in the driver is added up. Bracketing costs a few microseconds a launch.
 */
public final class LaunchProfile {
    private final CudaDevice device;
    private final List<Span> spans = new ArrayList<>();
    private final long started = System.nanoTime();
    private long driverNanoseconds;

    private record Span(Operation operation, Event start, Event end) {}

    /** A launch, or a copy of some bytes. */
    record Operation(
            String name, @Nullable Kernel kernel, @Nullable Grid grid, long bytes) {
        static Operation launch(Kernel kernel, Grid grid) {
            return new Operation(kernel.name(), kernel, grid, 0);
        }

        static Operation copy(String direction, long bytes) {
            return new Operation("copy " + direction, null, null, bytes);
        }
    }

    /**
     * The runs of one kernel, or the copies of one direction.
     *
     * @param name the kernel, or {@code copy to device}, {@code copy to host}, {@code copy on device}
     * @param copy true for copies
     * @param count launches or copies
     * @param milliseconds of device time
     * @param bytes copied; 0 for kernels
     * @param registers of a thread; 0 for copies
     * @param occupancy of the last launch: part of a multiprocessor's threads that are resident; 0 for copies
     */
    public record Line(
            String name, boolean copy, int count, double milliseconds, long bytes, int registers, double occupancy) {}

    /**
     * All of it.
     *
     * @param lines kernels and copies, in the order of their first use
     * @param wallMilliseconds from start to stop
     * @param driverMilliseconds the host's time in launches and in asking for copies
     */
    public record Split(List<Line> lines, double wallMilliseconds, double driverMilliseconds) {
        /** Device time of all kernels. */
        public double kernelMilliseconds() {
            return sum(false);
        }

        /** Device time of all copies. */
        public double copyMilliseconds() {
            return sum(true);
        }

        /** Number of kernel launches. */
        public int launches() {
            return lines.stream()
                    .filter(line -> !line.copy())
                    .mapToInt(Line::count)
                    .sum();
        }

        private double sum(boolean copies) {
            return lines.stream()
                    .filter(line -> line.copy() == copies)
                    .mapToDouble(Line::milliseconds)
                    .sum();
        }
    }

    private LaunchProfile(CudaDevice device) {
        this.device = device;
    }

    /** Begins; one at a time on a device. */
    public static LaunchProfile start(CudaDevice device) {
        LaunchProfile profile = new LaunchProfile(device);
        device.profile(profile);
        return profile;
    }

    synchronized void add(Operation operation, Stream stream, Runnable call) {
        Event start = new Event(device);
        Event end = new Event(device);
        spans.add(new Span(operation, start, end));
        start.record(stream);
        long from = System.nanoTime();
        call.run();
        driverNanoseconds += System.nanoTime() - from;
        end.record(stream);
    }

    /** Ends, and waits for the device. */
    public synchronized Split stop() {
        device.profile(null);
        try {
            device.synchronize();
            double wall = (System.nanoTime() - started) * 1e-6;
            Map<String, Line> lines = new LinkedHashMap<>();
            for (Span span : spans) {
                Line line = line(span.operation(), span.end().millisecondsSince(span.start()));
                lines.merge(line.name(), line, LaunchProfile::sum);
            }
            return new Split(List.copyOf(lines.values()), wall, driverNanoseconds * 1e-6);
        } finally {
            spans.forEach(span -> {
                span.start().close();
                span.end().close();
            });
            spans.clear();
        }
    }

    private static Line line(Operation operation, double milliseconds) {
        Kernel kernel = operation.kernel();
        Grid grid = operation.grid();
        if (kernel == null || grid == null) {
            return new Line(operation.name(), true, 1, milliseconds, operation.bytes(), 0, 0);
        }
        return new Line(operation.name(), false, 1, milliseconds, 0, kernel.registers(), kernel.occupancy(grid));
    }

    private static Line sum(Line a, Line b) {
        return new Line(
                a.name(),
                a.copy(),
                a.count() + b.count(),
                a.milliseconds() + b.milliseconds(),
                a.bytes() + b.bytes(),
                b.registers(),
                b.occupancy());
    }
}
