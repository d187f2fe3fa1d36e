package leakmark.kernels.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import jcuda.Pointer;
import jcuda.driver.CUfunction;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.JCudaDriver;

/** A kernel of a loaded module. Launches only with arguments of the types its PTX declares. */
public final class Kernel {
    /** Any argument fits, at its alignment. */
    private static final int SLOT = 8;

    /** Above this a kernel must opt in. */
    private static final int DEFAULT_DYNAMIC_SHARED = 48 << 10;

    private final CudaDevice device;
    private final CUfunction function;
    private final PtxSignature signature;
    private final ByteBuffer values;
    private final Pointer arguments;
    private int allowedShared = DEFAULT_DYNAMIC_SHARED;

    Kernel(CudaDevice device, CUfunction function, PtxSignature signature) {
        this.device = device;
        this.function = function;
        this.signature = signature;
        int count = signature.parameters().size();
        this.values = ByteBuffer.allocateDirect(SLOT * Math.max(1, count)).order(ByteOrder.nativeOrder());
        Pointer[] slots = new Pointer[count];
        for (int i = 0; i < count; i++) {
            slots[i] = Pointer.to(values).withByteOffset((long) SLOT * i);
        }
        this.arguments = Pointer.to(slots);
    }

    /** Its name in the source. */
    public String name() {
        return signature.kernel();
    }

    /** Registers of a thread. */
    public int registers() {
        return attribute(CUfunction_attribute.CU_FUNC_ATTRIBUTE_NUM_REGS);
    }

    /** Static shared memory of a block in bytes. */
    public int staticShared() {
        return attribute(CUfunction_attribute.CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES);
    }

    /** Blocks of a shape that a multiprocessor holds at once. */
    public int residentBlocks(Grid grid) {
        device.enter();
        int[] blocks = new int[1];
        device.check(
                JCudaDriver.cuOccupancyMaxActiveBlocksPerMultiprocessor(
                        blocks, function, grid.threadsX() * grid.threadsY(), grid.dynamicShared()),
                "the occupancy of " + name());
        return blocks[0];
    }

    /** Part of a multiprocessor's threads that are resident with a shape, 0 to 1. */
    public double occupancy(Grid grid) {
        int threads = residentBlocks(grid) * grid.threadsX() * grid.threadsY();
        return threads / (double) device.threadsPerMultiprocessor();
    }

    private int attribute(int which) {
        device.enter();
        int[] value = new int[1];
        device.check(JCudaDriver.cuFuncGetAttribute(value, which, function), "attribute " + which + " of " + name());
        return value[0];
    }

    /**
     * Puts a launch into a stream.
     *
     * @param given {@link DeviceMemory}, {@link DeviceMemory.View} or {@link PinnedBuffer} for pointers, {@code int}, {@code long}, {@code float},
     *     {@code double}
     * @throws IllegalArgumentException if they are not what the kernel takes
     * @throws CudaError if the driver refuses the shape; failures inside the kernel come from the stream's synchronisation
     */
    public synchronized void launch(Stream stream, Grid grid, Object... given) {
        signature.check(given);
        for (int i = 0; i < given.length; i++) {
            put(SLOT * i, given[i]);
        }
        device.enter();
        allow(grid.dynamicShared());
        device.queue(
                LaunchProfile.Operation.launch(this, grid),
                stream,
                () -> device.check(
                        JCudaDriver.cuLaunchKernel(
                                function,
                                grid.blocksX(),
                                grid.blocksY(),
                                grid.blocksZ(),
                                grid.threadsX(),
                                grid.threadsY(),
                                1,
                                grid.dynamicShared(),
                                stream.handle(),
                                arguments,
                                null),
                        "launching " + name() + " as " + grid));
        stream.launched(name());
    }

    private void put(int at, Object argument) {
        if (argument instanceof DeviceMemory memory) {
            values.putLong(at, address(memory, 0));
        } else if (argument instanceof DeviceMemory.View view) {
            values.putLong(at, address(view.memory(), view.offset()));
        } else if (argument instanceof PinnedBuffer buffer) {
            values.putLong(at, pinned(buffer));
        } else if (argument instanceof Integer number) {
            values.putInt(at, number);
        } else if (argument instanceof Long number) {
            values.putLong(at, number);
        } else if (argument instanceof Float number) {
            values.putFloat(at, number);
        } else {
            values.putDouble(at, (Double) argument);
        }
    }

    private long pinned(PinnedBuffer buffer) {
        if (!device.ledger().holds(buffer)) {
            throw new IllegalStateException("kernel " + name() + " is given pinned memory that is closed");
        }
        return buffer.deviceAddress();
    }

    private long address(DeviceMemory memory, long offset) {
        if (!device.ledger().holds(memory)) {
            throw new IllegalStateException(
                    "kernel " + name() + " is given memory that is closed: " + memory.purpose());
        }
        return memory.address() + offset;
    }

    private void allow(int dynamicShared) {
        if (dynamicShared > allowedShared) {
            device.check(
                    JCudaDriver.cuFuncSetAttribute(
                            function,
                            CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
                            dynamicShared),
                    dynamicShared + " bytes of shared memory for " + name());
            allowedShared = dynamicShared;
        }
    }

    /** Types of the parameters, for tests. */
    List<PtxSignature.Type> parameters() {
        return signature.parameters();
    }
}
