package leakmark.kernels.cuda;

import leakmark.kernels.matching.Distance;

/** A network on the device, with the memory in which blocks match gradients: a slot for each block that runs at a time. */
final class MatchingSlots implements AutoCloseable {
    private static final int WARP = 32;
    private static final int MOST_THREADS = 256;

    private final MatchingProgram program;
    private final String module;
    private final int threads;
    private final int blocks;
    private final Workspace work;
    private final DeviceMemory code;
    private final DeviceMemory parameters;
    private final DeviceMemory memory;

    /**
     * Takes the memory.
     *
     * @param module whose kernel of the same name is launched
     * @param attacks most at a time
     */
    MatchingSlots(CudaDevice device, String module, MatchingProgram program, float[] parameters, int attacks) {
        this.program = program;
        this.module = module;
        threads = threads(program);
        blocks = Math.min(attacks, blocks(device, module, program));
        work = new Workspace(device);
        try {
            code = work.of(program.code(), "the steps of a network");
            this.parameters = work.of(parameters, "parameters of a network");
            memory = work.room(blocks * program.slotSize(), Float.BYTES, "activations of attacks");
        } catch (RuntimeException | Error failure) {
            work.close();
            throw failure;
        }
    }

    /** The kernels' {@code DistanceKind}. */
    static int number(Distance distance) {
        return switch (distance.kind()) {
            case SQUARED -> 0;
            case COSINE -> 1;
            case SQUARED_AND_ABSOLUTE -> 2;
        };
    }

    private static int threads(MatchingProgram program) {
        return Math.min(MOST_THREADS, (program.widest() + WARP - 1) / WARP * WARP);
    }

    /** As many as run at a time. */
    private static int blocks(CudaDevice device, String module, MatchingProgram program) {
        int resident = device.kernel(module, module).residentBlocks(Grid.of(1, threads(program)));
        return Math.max(1, resident) * device.multiprocessors();
    }

    /**
     * How many attacks fit into nine tenths of the free memory, beside the parameters and slots; at least 1.
     *
     * @param bytes of one attack
     */
    static int attacksThatFit(CudaDevice device, String module, MatchingProgram program, long bytes) {
        long free = (device.memory().free() - (long) program.parameters() * Float.BYTES) / 10 * 9;
        long slot = program.slotSize() * Float.BYTES;
        long slots = blocks(device, module, program);
        // With fewer attacks than slots each brings its own.
        long beside = (free - slots * slot) / bytes;
        long fits = beside >= slots ? beside : free / (bytes + slot);
        return (int) Math.max(1, Math.min(fits, Integer.MAX_VALUE));
    }

    /** Gives back all that is taken from it, and itself. */
    Workspace work() {
        return work;
    }

    DeviceMemory code() {
        return code;
    }

    DeviceMemory parameters() {
        return parameters;
    }

    DeviceMemory memory() {
        return memory;
    }

    /** Floats of a slot. */
    long size() {
        return program.slotSize();
    }

    /** Launches the kernel, a block for each of so many attacks, or several attacks a block. */
    void launch(int attacks, Object... arguments) {
        work.launchBlocks(module, module, Math.min(attacks, blocks), threads, arguments);
    }

    /** Waits, and reads the gradient of the first block's last batch. */
    void gradient(float[] gradient) {
        work.get(memory, program.gradientOffset() * Float.BYTES, gradient);
    }

    @Override
    public void close() {
        work.close();
    }
}
