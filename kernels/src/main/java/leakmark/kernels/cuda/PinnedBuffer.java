package leakmark.kernels.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.JCudaDriver;

/** Page-locked host memory: the device copies from and to it while the host goes on. */
public final class PinnedBuffer implements AutoCloseable {
    private final CudaDevice device;
    private final Pointer pointer = new Pointer();
    private final ByteBuffer buffer;
    private final String purpose;

    /**
     * Takes pinned memory.
     *
     * @param bytes at least 1
     * @param purpose for errors and the list of leaks
     */
    public PinnedBuffer(CudaDevice device, int bytes, String purpose) {
        this.device = device;
        this.purpose = purpose;
        device.enter();
        device.check(
                JCudaDriver.cuMemHostAlloc(pointer, bytes, JCudaDriver.CU_MEMHOSTALLOC_DEVICEMAP),
                bytes + " bytes of pinned memory for " + purpose);
        this.buffer = pointer.getByteBuffer(0, bytes).order(ByteOrder.nativeOrder());
        device.ledger().add(this, "pinned memory for " + purpose, bytes);
    }

    /** The memory, in the machine's byte order; not to be used after {@link #close}. */
    public ByteBuffer bytes() {
        return buffer.duplicate().order(ByteOrder.nativeOrder());
    }

    /** Its size. */
    public int capacity() {
        return buffer.capacity();
    }

    /** Where kernels read and write it. */
    long deviceAddress() {
        CUdeviceptr mapped = new CUdeviceptr();
        device.check(JCudaDriver.cuMemHostGetDevicePointer(mapped, pointer, 0), "the device's address of " + purpose);
        return new Address(mapped).number();
    }

    Pointer pointer(long offset, long length) {
        if (offset < 0 || length < 0 || offset + length > buffer.capacity()) {
            throw new IndexOutOfBoundsException("bytes " + offset + " to " + (offset + length) + " of "
                    + buffer.capacity() + " pinned for " + purpose);
        }
        return pointer.withByteOffset(offset);
    }

    @Override
    public void close() {
        if (device.ledger().remove(this)) {
            device.enter();
            device.check(JCudaDriver.cuMemFreeHost(pointer), "freeing pinned memory for " + purpose);
        }
    }
}
