package leakmark.kernels.cuda;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What is taken from the driver and not given back. */
final class Ledger {
    private record Entry(String purpose, long bytes) {}

    private final Map<Object, Entry> entries = new ConcurrentHashMap<>();
    private final Map<Object, Entry> kept = new ConcurrentHashMap<>();

    void add(Object resource, String purpose, long bytes) {
        entries.put(resource, new Entry(purpose, bytes));
    }

    /** True if it was there: only then may it be given back to the driver. */
    boolean remove(Object resource) {
        return entries.remove(resource) != null;
    }

    /** The device keeps what was given back to it, to lend it again. */
    void keep(Object resource) {
        move(resource, entries, kept);
    }

    /** The device lends what it kept. */
    void lend(Object resource) {
        move(resource, kept, entries);
    }

    private static void move(Object resource, Map<Object, Entry> from, Map<Object, Entry> to) {
        Entry entry = from.remove(resource);
        if (entry != null) {
            to.put(resource, entry);
        }
    }

    boolean holds(Object resource) {
        return entries.containsKey(resource);
    }

    void clear() {
        entries.clear();
        kept.clear();
    }

    long bytes() {
        return entries.values().stream().mapToLong(Entry::bytes).sum();
    }

    List<String> lines() {
        return entries.values().stream()
                .map(entry -> entry.purpose() + ", " + entry.bytes() + " bytes")
                .sorted()
                .toList();
    }
}
