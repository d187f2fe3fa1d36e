package leakmark.kernels.cuda;

import jcuda.driver.CUdeviceptr;
import jcuda.driver.JCudaDriver;

/** A piece of device memory, freed by {@link #close}. Copies between it and the heap go through {@link Staging}. */
public final class DeviceMemory implements AutoCloseable {
    private final CudaDevice device;
    private final Address address;
    private final long bytes;
    private final String purpose;

    DeviceMemory(CudaDevice device, CUdeviceptr pointer, long bytes, String purpose) {
        this.device = device;
        this.address = new Address(pointer);
        this.bytes = bytes;
        this.purpose = purpose;
        device.ledger().add(this, "device memory for " + purpose, bytes);
    }

    /** Its size. */
    public long bytes() {
        return bytes;
    }

    /** The device it is on. */
    public CudaDevice device() {
        return device;
    }

    /** What it holds. */
    public String purpose() {
        return purpose;
    }

    /** As a kernel's argument, from a byte on. */
    public View from(long offset) {
        if (offset < 0 || offset >= bytes) {
            throw new IndexOutOfBoundsException("byte " + offset + " of " + bytes + " of " + purpose);
        }
        return new View(this, offset);
    }

    /**
     * A kernel's pointer argument into the middle of a piece of memory.
     *
     * @param memory the piece
     * @param offset in bytes
     */
    public record View(DeviceMemory memory, long offset) {}

    /** The device's address, for launches. */
    long address() {
        return address.number();
    }

    CUdeviceptr pointer(long offset, long length) {
        if (offset < 0 || length < 0 || offset + length > bytes) {
            throw new IndexOutOfBoundsException(
                    "bytes " + offset + " to " + (offset + length) + " of " + bytes + " of " + purpose);
        }
        return address.withByteOffset(offset);
    }

    /** Sets every byte to zero. */
    public void clear(Stream stream) {
        device.enter();
        device.check(
                JCudaDriver.cuMemsetD8Async(pointer(0, bytes), (byte) 0, bytes, stream.handle()),
                "clearing " + purpose);
    }

    /** Copies {@code length} bytes of pinned memory here. The source must stay as it is until the stream is synchronised. */
    public void copyFrom(PinnedBuffer source, long sourceOffset, long offset, long length, Stream stream) {
        device.enter();
        device.queue(
                LaunchProfile.Operation.copy("to device", length),
                stream,
                () -> device.check(
                        JCudaDriver.cuMemcpyHtoDAsync(
                                pointer(offset, length), source.pointer(sourceOffset, length), length, stream.handle()),
                        "the copy to " + purpose));
    }

    /** Copies {@code length} bytes from here to pinned memory; there once the stream is synchronised. */
    public void copyTo(PinnedBuffer target, long targetOffset, long offset, long length, Stream stream) {
        device.enter();
        device.queue(
                LaunchProfile.Operation.copy("to host", length),
                stream,
                () -> device.check(
                        JCudaDriver.cuMemcpyDtoHAsync(
                                target.pointer(targetOffset, length), pointer(offset, length), length, stream.handle()),
                        "the copy from " + purpose));
    }

    /** Copies {@code length} bytes on the device. */
    public void copyFrom(DeviceMemory source, long sourceOffset, long offset, long length, Stream stream) {
        device.enter();
        device.queue(
                LaunchProfile.Operation.copy("on device", length),
                stream,
                () -> device.check(
                        JCudaDriver.cuMemcpyDtoDAsync(
                                pointer(offset, length), source.pointer(sourceOffset, length), length, stream.handle()),
                        "the copy from " + source.purpose + " to " + purpose));
    }

    @Override
    public void close() {
        if (device.ledger().remove(this)) {
            device.enter();
            device.check(JCudaDriver.cuMemFree(address), "freeing " + purpose);
        }
    }
}
