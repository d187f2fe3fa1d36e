package leakmark.kernels.cuda;

import org.jspecify.annotations.Nullable;

/** Device memory that is taken anew, at least twice as large, when more is asked of it. Its workspace gives it back. */
final class GrowingMemory {
    private final Workspace work;
    private final int width;
    private final String purpose;
    private @Nullable DeviceMemory memory;

    /** For values of {@code width} bytes. */
    GrowingMemory(Workspace work, int width, String purpose) {
        this.work = work;
        this.width = width;
        this.purpose = purpose;
    }

    /** Room for {@code count} values; what was there is lost when it grows. */
    DeviceMemory atLeast(long count) {
        return atLeast(count, 0);
    }

    /** Room for {@code count} values; the first {@code kept} stay. */
    DeviceMemory atLeast(long count, long kept) {
        DeviceMemory old = memory;
        if (old != null && old.bytes() >= count * width) {
            return old;
        }
        long doubled = old == null ? 0 : 2 * (old.bytes() / width);
        DeviceMemory larger = work.room(Math.max(count, doubled), width, purpose);
        if (old != null) {
            work.copy(old, larger, kept * width);
            work.release(old);
        }
        memory = larger;
        return larger;
    }
}
