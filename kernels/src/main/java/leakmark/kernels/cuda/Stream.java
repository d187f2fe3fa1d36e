package leakmark.kernels.cuda;

import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;
import org.jspecify.annotations.Nullable;

/** A queue of the device. Its work runs in order, apart from other queues. */
public final class Stream implements AutoCloseable {
    private final CudaDevice device;
    private final CUstream stream = new CUstream();
    private volatile @Nullable String lastKernel;

    /** Opens a queue. */
    public Stream(CudaDevice device) {
        this.device = device;
        device.enter();
        device.check(JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING), "a stream");
        device.ledger().add(this, "a stream", 0);
    }

    /** Waits until all its work is done; what failed in it is thrown here. */
    public void synchronize() {
        device.enter();
        device.check(JCudaDriver.cuStreamSynchronize(stream), work());
    }

    /** Lets later work wait for an event of another stream. */
    public void await(Event event) {
        device.enter();
        device.check(JCudaDriver.cuStreamWaitEvent(stream, event.handle(), 0), "waiting for an event");
    }

    CudaDevice device() {
        return device;
    }

    CUstream handle() {
        return stream;
    }

    void launched(String kernel) {
        lastKernel = kernel;
    }

    private String work() {
        return lastKernel == null ? "work on a stream" : "work on a stream up to kernel " + lastKernel;
    }

    @Override
    public void close() {
        if (device.ledger().remove(this)) {
            device.enter();
            device.check(JCudaDriver.cuStreamDestroy(stream), work());
        }
    }
}
