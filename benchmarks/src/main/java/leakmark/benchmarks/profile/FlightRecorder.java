package leakmark.benchmarks.profile;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedClass;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedMethod;
import jdk.jfr.consumer.RecordedStackTrace;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingFile;
import leakmark.reports.result.Profile.Share;

/** JFR: samples of running threads every 10 ms, and of allocations, while work is repeated. */
public final class FlightRecorder {
    private static final Duration PERIOD = Duration.ofMillis(10);
    private static final String ALLOCATIONS = "jdk.ObjectAllocationSample";
    private static final List<String> SAMPLES = List.of("jdk.ExecutionSample", "jdk.NativeMethodSample");

    /** Names shown of each kind. */
    private static final int MOST = 20;

    private FlightRecorder() {}

    /**
     * What was seen.
     *
     * @param calls finished
     * @param seconds watched
     * @param samples of running threads
     * @param frames on top of the stack
     * @param allocations by class
     * @param allocators by method
     */
    public record Seen(
            long calls,
            double seconds,
            long samples,
            List<Share> frames,
            List<Share> allocations,
            List<Share> allocators) {}

    /** Repeats a call for some seconds under JFR; the recording stays in the file. */
    public static Seen watch(Runnable call, double seconds, Path file) throws IOException {
        long calls = 0;
        long elapsed;
        try (Recording recording = new Recording()) {
            SAMPLES.forEach(name -> recording.enable(name).withPeriod(PERIOD));
            recording.enable(ALLOCATIONS).with("throttle", "300/s").withStackTrace();
            recording.enable("jdk.GarbageCollection");
            recording.start();
            long start = System.nanoTime();
            do {
                call.run();
                calls++;
                elapsed = System.nanoTime() - start;
            } while (elapsed < seconds * 1e9);
            recording.stop();
            recording.dump(file);
        }
        return read(file, calls, elapsed * 1e-9);
    }

    private static Seen read(Path file, long calls, double seconds) throws IOException {
        Map<String, Double> frames = new HashMap<>();
        Map<String, Double> classes = new HashMap<>();
        Map<String, Double> allocators = new HashMap<>();
        long samples = 0;
        List<RecordedEvent> events = new ArrayList<>(RecordingFile.readAllEvents(file));
        events.sort(Comparator.comparing(RecordedEvent::getStartTime));
        Set<Long> allocating = new HashSet<>();
        for (RecordedEvent event : events) {
            String kind = event.getEventType().getName();
            if (SAMPLES.contains(kind) && isOurs(event)) {
                samples++;
                frames.merge(top(event), 1.0, Double::sum);
            } else if (kind.equals(ALLOCATIONS) && !allocating.add(thread(event))) {
                // A thread's first sample weighs all that it allocated before the recording, and is left out.
                double bytes = event.getLong("weight");
                RecordedClass type = event.getClass("objectClass");
                classes.merge(type == null ? "?" : type.getName(), bytes, Double::sum);
                allocators.merge(top(event), bytes, Double::sum);
            }
        }
        return new Seen(calls, seconds, samples, shares(frames), shares(classes), shares(allocators));
    }

    /** JFR's native samples include threads that only wait for input, a connection or work. */
    private static boolean isOurs(RecordedEvent event) {
        return !event.getEventType().getName().equals("jdk.NativeMethodSample")
                || !top(event).matches("(java[.]io|java[.]net|sun[.]nio|jdk[.]internal|java[.]lang[.]Process).*");
    }

    private static long thread(RecordedEvent event) {
        RecordedThread thread = event.getThread();
        return thread == null ? -1 : thread.getId();
    }

    private static String top(RecordedEvent event) {
        RecordedStackTrace trace = event.getStackTrace();
        if (trace == null || trace.getFrames().isEmpty()) {
            return "?";
        }
        RecordedFrame frame = trace.getFrames().get(0);
        RecordedMethod method = frame.getMethod();
        return method == null ? "?" : method.getType().getName() + "." + method.getName();
    }

    private static List<Share> shares(Map<String, Double> weights) {
        double sum = weights.values().stream().mapToDouble(Double::doubleValue).sum();
        return weights.entrySet().stream()
                .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
                .limit(MOST)
                .map(entry -> new Share(entry.getKey(), entry.getValue() / sum))
                .toList();
    }
}
