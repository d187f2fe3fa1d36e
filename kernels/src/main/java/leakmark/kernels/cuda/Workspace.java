package leakmark.kernels.cuda;

import java.util.ArrayDeque;
import java.util.Deque;
import leakmark.kernels.DeviceMatrix;

/** What one computation takes from the device: a stream, staging, memory. All of it is given back together. */
final class Workspace implements AutoCloseable {
    /** Blocks of a kernel that walks over its work: enough to fill each processor several times. */
    private static final int BLOCKS_PER_PROCESSOR = 16;

    private final CudaDevice device;
    private final int blocks;
    private final CopyQueue queue;
    private final Deque<AutoCloseable> taken = new ArrayDeque<>();

    Workspace(CudaDevice device) {
        this.device = device;
        this.blocks = BLOCKS_PER_PROCESSOR * device.multiprocessors();
        this.queue = device.lend();
    }

    /** The device. */
    CudaDevice device() {
        return device;
    }

    /** Memory for {@code count} values of {@code width} bytes, uninitialised; at least one. */
    DeviceMemory room(long count, int width, String purpose) {
        DeviceMemory memory = device.allocate(Math.max(count, 1) * width, purpose);
        taken.push(memory);
        return memory;
    }

    /** Memory that holds these values. */
    DeviceMemory of(int[] values, String purpose) {
        DeviceMemory memory = room(values.length, Integer.BYTES, purpose);
        put(values, memory, 0);
        return memory;
    }

    /** Memory that holds these values. */
    DeviceMemory of(float[] values, String purpose) {
        DeviceMemory memory = room(values.length, Float.BYTES, purpose);
        put(values, memory, 0);
        return memory;
    }

    /** Memory that holds these values. */
    DeviceMemory of(double[] values, String purpose) {
        DeviceMemory memory = room(values.length, Double.BYTES, purpose);
        put(values, memory, 0);
        return memory;
    }

    /** The matrix on the device, uploaded for as long as this workspace if it is not there. */
    CudaMatrix resident(DeviceMatrix matrix) {
        if (matrix instanceof CudaMatrix there && there.memory().device() == device) {
            return there;
        }
        CudaMatrix uploaded = CudaMatrix.upload(device, matrix.toHost());
        taken.push(uploaded);
        return uploaded;
    }

    /** Gives a piece of memory back before the others, once no work uses it. */
    void release(DeviceMemory memory) {
        synchronize();
        taken.remove(memory);
        memory.close();
    }

    void put(int[] values, DeviceMemory to, long offset) {
        queue.staging().upload(values, 0, values.length, to, offset);
    }

    void put(float[] values, DeviceMemory to, long offset) {
        queue.staging().upload(values, 0, values.length, to, offset);
    }

    void put(double[] values, DeviceMemory to, long offset) {
        queue.staging().upload(values, 0, values.length, to, offset);
    }

    /** Copies the first values of an array. */
    void putFirst(float[] values, int count, DeviceMemory to, long offset) {
        queue.staging().upload(values, 0, count, to, offset);
    }

    /** Waits for the work so far and reads the first values of an array. */
    void getFirst(DeviceMemory from, long offset, float[] values, int count) {
        queue.staging().download(from, offset, values, 0, count);
    }

    /** Waits for the work so far and reads from a byte on. */
    void get(DeviceMemory from, long offset, int[] values) {
        queue.staging().download(from, offset, values, 0, values.length);
    }

    /** Waits for the work so far and reads from a byte on. */
    void get(DeviceMemory from, long offset, float[] values) {
        queue.staging().download(from, offset, values, 0, values.length);
    }

    /** Waits for the work so far and reads from a byte on. */
    void get(DeviceMemory from, long offset, double[] values) {
        queue.staging().download(from, offset, values, 0, values.length);
    }

    /** Sets memory to zero. */
    void clear(DeviceMemory memory) {
        memory.clear(queue.stream());
    }

    /** Copies on the device. */
    void copy(DeviceMemory from, DeviceMemory to, long bytes) {
        if (bytes > 0) {
            to.copyFrom(from, 0, 0, bytes, queue.stream());
        }
    }

    /** Launches a kernel that walks over its work: one block for each {@code perBlock} items, up to what fills the device. */
    void launch(String module, String kernel, long items, int perBlock, int threads, Object... arguments) {
        long wanted = Math.max(1, (items + perBlock - 1) / perBlock);
        launchBlocks(module, kernel, (int) Math.min(wanted, blocks), threads, arguments);
    }

    /** Launches exactly so many blocks. */
    void launchBlocks(String module, String kernel, int count, int threads, Object... arguments) {
        device.kernel(module, kernel).launch(queue.stream(), Grid.of(count, threads), arguments);
    }

    /** Blocks that fill the device with {@code each} on a processor. */
    int blocks(int each) {
        return each * (blocks / BLOCKS_PER_PROCESSOR);
    }

    /** Waits for the device. */
    void synchronize() {
        queue.stream().synchronize();
    }

    @Override
    public void close() {
        try {
            // What is still queued after a failure must not find its memory gone.
            synchronize();
        } finally {
            taken.forEach(Workspace::giveBack);
            taken.clear();
            device.takeBack(queue);
        }
    }

    private static void giveBack(AutoCloseable resource) {
        if (resource instanceof DeviceMemory memory) {
            memory.close();
        } else if (resource instanceof CudaMatrix matrix) {
            matrix.close();
        }
    }
}
