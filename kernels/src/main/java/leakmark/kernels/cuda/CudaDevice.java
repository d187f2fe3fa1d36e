package leakmark.kernels.cuda;

import java.nio.charset.StandardCharsets;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import leakmark.kernels.Availability;
import org.jspecify.annotations.Nullable;

/**
 * The first CUDA device, through its primary context, and the owner of all memory on it.
 *
 * <p>One is open per process ({@link #shared}). An error that takes the context closes it: its memory is released, and the
 * next {@link #shared} opens it again.
 */
public final class CudaDevice implements AutoCloseable {
    /** How the tests' stand-in for a GPU begins its name; no measurement may take it for one. */
    public static final String STAND_IN = "leakmark stand-in";

    private static @Nullable CudaDevice shared;

    private final CUdevice device = new CUdevice();
    private final CUcontext context = new CUcontext();
    private final String name;
    private final Ledger ledger = new Ledger();
    private final Map<String, CudaModule> modules = new ConcurrentHashMap<>();
    private volatile @Nullable LaunchProfile profile;
    private final Deque<CopyQueue> idle = new ConcurrentLinkedDeque<>();
    private volatile boolean open = true;

    private CudaDevice() {
        Driver.check(JCudaDriver.cuDeviceGet(device, 0), "the first device");
        byte[] text = new byte[256];
        Driver.check(JCudaDriver.cuDeviceGetName(text, text.length, device), "the device's name");
        name = new String(text, StandardCharsets.UTF_8).replaceAll("\0.*", "");
        Driver.check(JCudaDriver.cuDevicePrimaryCtxRetain(context, device), "the primary context of " + name);
    }

    /** Whether there is a driver that can run the kernels and a device. Asked anew each time. */
    public static Availability availability() {
        return Driver.availability();
    }

    /**
     * The open device; opened if it is not, or if its context was lost.
     *
     * @throws CudaError if the driver refuses
     * @throws IllegalStateException if {@link #availability} says no
     */
    public static synchronized CudaDevice shared() {
        CudaDevice device = shared;
        if (device == null || !device.open) {
            Availability availability = availability();
            if (!availability.available()) {
                throw new IllegalStateException(availability.reason());
            }
            device = new CudaDevice();
            shared = device;
        }
        return device;
    }

    /** Name that the driver gives. */
    public String name() {
        return name;
    }

    /** True for the tests' stand-in, which runs kernels on the CPU. */
    public boolean isStandIn() {
        return name.startsWith(STAND_IN);
    }

    /** Compute capability times ten: 70 for a V100, 90 for an H100. */
    public int computeCapability() {
        return 10 * attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
                + attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
    }

    /** Number of multiprocessors. */
    public int multiprocessors() {
        return attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
    }

    /** Threads that a multiprocessor can hold. */
    public int threadsPerMultiprocessor() {
        return attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR);
    }

    /** Bytes of the level-2 cache. */
    public int cacheBytes() {
        return attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE);
    }

    /** Default clock of the multiprocessors in kHz. */
    public int clockKilohertz() {
        return attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_CLOCK_RATE);
    }

    /** Most dynamic shared memory of a block in bytes. */
    public int sharedMemoryPerBlock() {
        return attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN);
    }

    /** One of {@link CUdevice_attribute}. */
    int attribute(int which) {
        int[] value = new int[1];
        Driver.check(JCudaDriver.cuDeviceGetAttribute(value, which, device), "attribute " + which + " of " + name);
        return value[0];
    }

    /** Memory that is free now, and all there is, in bytes. */
    public DeviceMemorySize memory() {
        enter();
        long[] free = new long[1];
        long[] total = new long[1];
        check(JCudaDriver.cuMemGetInfo(free, total), "the free memory");
        return new DeviceMemorySize(free[0], total[0]);
    }

    /**
     * Memory of a device in bytes.
     *
     * @param free not allocated by anyone
     * @param total on the device
     */
    public record DeviceMemorySize(long free, long total) {}

    /**
     * Allocates device memory, to be closed by the caller.
     *
     * @param bytes at least 1
     * @param purpose what it holds, for errors and the list of leaks
     * @throws CudaError if there is too little, with how much is missing
     */
    public DeviceMemory allocate(long bytes, String purpose) {
        if (bytes < 1) {
            throw new IllegalArgumentException(purpose + ": " + bytes + " bytes of device memory");
        }
        enter();
        CUdeviceptr pointer = new CUdeviceptr();
        int result = JCudaDriver.cuMemAlloc(pointer, bytes);
        if (result == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
            long free = memory().free();
            throw new CudaError(
                    result,
                    String.format(
                            "%s needs %.1f MiB on %s, %.1f MiB are free, Leakmark itself holds %.1f MiB",
                            purpose, mebibytes(bytes), name, mebibytes(free), mebibytes(ledger.bytes())));
        }
        check(result, purpose);
        return new DeviceMemory(this, pointer, bytes, purpose);
    }

    /** The module of a PTX resource, loaded once. */
    public CudaModule module(String module) {
        enter();
        return modules.computeIfAbsent(module, wanted -> CudaModule.load(this, wanted));
    }

    /** A kernel of a module. */
    public Kernel kernel(String module, String kernel) {
        return module(module).kernel(kernel);
    }

    /** What is allocated and not closed: device memory, pinned memory, streams, events. One line each. */
    public List<String> unreleased() {
        return ledger.lines();
    }

    /** A stream with its staging, to be given back by {@link #takeBack}. */
    CopyQueue lend() {
        CopyQueue queue = idle.poll();
        if (queue == null) {
            return CopyQueue.open(this);
        }
        queue.resources().forEach(ledger::lend);
        return queue;
    }

    /** Keeps a queue whose work is done until it is lent again or the device is closed. */
    void takeBack(CopyQueue queue) {
        if (open) {
            queue.resources().forEach(ledger::keep);
            idle.push(queue);
        }
    }

    Ledger ledger() {
        return ledger;
    }

    boolean isOpen() {
        return open;
    }

    void profile(@Nullable LaunchProfile profile) {
        this.profile = profile;
    }

    /** Asks the driver for something that the device does later in a stream; profiled if a profile runs. */
    void queue(LaunchProfile.Operation operation, Stream stream, Runnable call) {
        LaunchProfile current = profile;
        if (current == null) {
            call.run();
        } else {
            current.add(operation, stream, call);
        }
    }

    /** Makes the context the calling thread's; contexts are per thread. */
    void enter() {
        if (!open) {
            throw new IllegalStateException("the CUDA context of " + name + " is gone; open what is needed again");
        }
        check(JCudaDriver.cuCtxSetCurrent(context), "the context of " + name);
    }

    /** Waits until the device has done everything it was given. */
    public void synchronize() {
        enter();
        check(JCudaDriver.cuCtxSynchronize(), "work on " + name);
    }

    /** Throws on failure; an error that takes the context releases the memory it held. */
    void check(int result, String what) {
        if (result == CUresult.CUDA_SUCCESS) {
            return;
        }
        if (CudaError.losesContext(result)) {
            release();
            throw new CudaError(
                    result, what + " failed; the device's memory is released, the next use opens " + name + " again");
        }
        throw new CudaError(result, what);
    }

    private synchronized void release() {
        if (open) {
            open = false;
            modules.clear();
            idle.clear();
            ledger.clear();
            JCudaDriver.cuDevicePrimaryCtxReset(device);
            JCudaDriver.cuDevicePrimaryCtxRelease(device);
        }
    }

    /** Gives the context back, with all memory on it. */
    @Override
    public void close() {
        release();
    }

    private static double mebibytes(long bytes) {
        return bytes / (double) (1 << 20);
    }
}
