package leakmark.kernels.cuda;

import jcuda.driver.CUevent;
import jcuda.driver.JCudaDriver;

/** A mark in a stream that can be waited for and timed. */
public final class Event implements AutoCloseable {
    private final CudaDevice device;
    private final CUevent event = new CUevent();

    /** Makes a mark; it is nowhere until recorded. */
    public Event(CudaDevice device) {
        this.device = device;
        device.enter();
        device.check(JCudaDriver.cuEventCreate(event, 0), "an event");
        device.ledger().add(this, "an event", 0);
    }

    /** Puts it behind what the stream was given so far. */
    public void record(Stream stream) {
        device.enter();
        device.check(JCudaDriver.cuEventRecord(event, stream.handle()), "recording an event");
    }

    /** Waits until the stream has come to it. */
    public void synchronize() {
        device.enter();
        device.check(JCudaDriver.cuEventSynchronize(event), "work before an event");
    }

    /** Milliseconds of device time from an earlier event; both must be synchronised. */
    public double millisecondsSince(Event start) {
        device.enter();
        float[] milliseconds = new float[1];
        device.check(JCudaDriver.cuEventElapsedTime(milliseconds, start.event, event), "the time between two events");
        return milliseconds[0];
    }

    CUevent handle() {
        return event;
    }

    @Override
    public void close() {
        if (device.ledger().remove(this)) {
            device.enter();
            device.check(JCudaDriver.cuEventDestroy(event), "giving back an event");
        }
    }
}
