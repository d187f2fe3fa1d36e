package leakmark.kernels.cuda;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * Copies between heap arrays and device memory by way of two pinned buffers: while the device copies one, the host fills or
 * empties the other. Not for several threads at once.
 */
public final class Staging implements AutoCloseable {
    /** Large enough that starting a copy (about 10 µs) costs little of it (160 µs at 25 GB/s). */
    private static final int CHUNK = 4 << 20;

    private final Stream stream;
    private final PinnedBuffer[] buffers = new PinnedBuffer[2];
    private final Event[] copied = new Event[2];

    /** Takes the two buffers; copies go into this stream. */
    public Staging(Stream stream) {
        this.stream = stream;
        for (int i = 0; i < buffers.length; i++) {
            buffers[i] = new PinnedBuffer(stream.device(), CHUNK, "staging");
            copied[i] = new Event(stream.device());
        }
    }

    /** What the ledger knows of it. */
    List<Object> resources() {
        return List.of(buffers[0], buffers[1], copied[0], copied[1]);
    }

    /** What fills a buffer with some elements of an array, or empties it into them. */
    private interface Part {
        void move(ByteBuffer pinned, int first, int count);
    }

    /** Copies {@code count} floats; the array may change when this returns. */
    public void upload(float[] from, int start, int count, DeviceMemory to, long offset) {
        upload(
                count,
                Float.BYTES,
                to,
                offset,
                (pinned, first, length) -> pinned.asFloatBuffer().put(from, start + first, length));
    }

    /** Copies {@code count} doubles; the array may change when this returns. */
    public void upload(double[] from, int start, int count, DeviceMemory to, long offset) {
        upload(
                count,
                Double.BYTES,
                to,
                offset,
                (pinned, first, length) -> pinned.asDoubleBuffer().put(from, start + first, length));
    }

    /** Copies {@code count} ints; the array may change when this returns. */
    public void upload(int[] from, int start, int count, DeviceMemory to, long offset) {
        upload(
                count,
                Integer.BYTES,
                to,
                offset,
                (pinned, first, length) -> pinned.asIntBuffer().put(from, start + first, length));
    }

    /** Copies {@code count} floats and waits for them. */
    public void download(DeviceMemory from, long offset, float[] to, int start, int count) {
        download(
                count,
                Float.BYTES,
                from,
                offset,
                (pinned, first, length) -> pinned.asFloatBuffer().get(to, start + first, length));
    }

    /** Copies {@code count} doubles and waits for them. */
    public void download(DeviceMemory from, long offset, double[] to, int start, int count) {
        download(
                count,
                Double.BYTES,
                from,
                offset,
                (pinned, first, length) -> pinned.asDoubleBuffer().get(to, start + first, length));
    }

    /** Copies {@code count} ints and waits for them. */
    public void download(DeviceMemory from, long offset, int[] to, int start, int count) {
        download(
                count,
                Integer.BYTES,
                from,
                offset,
                (pinned, first, length) -> pinned.asIntBuffer().get(to, start + first, length));
    }

    private void upload(int count, int width, DeviceMemory to, long offset, Part part) {
        int most = CHUNK / width;
        for (int first = 0, turn = 0; first < count; first += most, turn ^= 1) {
            int length = Math.min(most, count - first);
            copied[turn].synchronize();
            part.move(buffers[turn].bytes(), first, length);
            to.copyFrom(buffers[turn], 0, offset + (long) first * width, (long) length * width, stream);
            copied[turn].record(stream);
        }
    }

    private void download(int count, int width, DeviceMemory from, long offset, Part part) {
        int most = CHUNK / width;
        int chunks = (count + most - 1) / most;
        for (int chunk = 0; chunk <= chunks; chunk++) {
            if (chunk < chunks) {
                int length = Math.min(most, count - chunk * most);
                from.copyTo(buffers[chunk % 2], 0, offset + (long) chunk * most * width, (long) length * width, stream);
                copied[chunk % 2].record(stream);
            }
            if (chunk > 0) {
                int first = (chunk - 1) * most;
                copied[(chunk - 1) % 2].synchronize();
                part.move(buffers[(chunk - 1) % 2].bytes(), first, Math.min(most, count - first));
            }
        }
    }

    @Override
    public void close() {
        for (int i = 0; i < buffers.length; i++) {
            copied[i].close();
            buffers[i].close();
        }
    }
}
