package leakmark.kernels.cuda;

/** What a device's memory and arithmetic can do at most. A roof is the best of several passes. */
public final class DeviceRoofs {
    private static final int PASSES = 10;
    private static final int THREADS = 256;

    /** Beyond every level-2 cache (126 MB on a B200). */
    private static final long MOST_COPIED = 512L << 20;

    private static final int BLOCKS_PER_MULTIPROCESSOR = 8;
    private static final int SUMS = 8;
    private static final int ROUNDS = 4096;
    private static final String MODULE = "roofs";

    private DeviceRoofs() {}

    /**
     * Speed of a large copy on the device; bytes read and bytes written both count.
     *
     * @return GB/s (10⁹ bytes)
     */
    public static double copyBandwidth(CudaDevice device) {
        long bytes = Math.min(MOST_COPIED, device.memory().free() / 4) & -16L;
        try (Stream stream = new Stream(device);
                DeviceMemory source = device.allocate(bytes, "the copy roof's source");
                DeviceMemory target = device.allocate(bytes, "the copy roof's target")) {
            source.clear(stream);
            Kernel copy = device.kernel(MODULE, "roof_copy");
            Grid grid = Grid.of(device.multiprocessors() * BLOCKS_PER_MULTIPROCESSOR, THREADS);
            double milliseconds = best(stream, () -> copy.launch(stream, grid, source, target, bytes / 16));
            return 2.0 * bytes / milliseconds * 1e-6;
        }
    }

    /**
     * Fused multiply-adds in registers.
     *
     * @return GFLOP/s, two a multiply-add
     */
    public static double fmaRate(CudaDevice device) {
        return fmaRate(device, "roof_fma", Float.BYTES);
    }

    /** The same in double precision. */
    public static double doubleFmaRate(CudaDevice device) {
        return fmaRate(device, "roof_fma_double", Double.BYTES);
    }

    private static double fmaRate(CudaDevice device, String kernel, int width) {
        int blocks = device.multiprocessors() * BLOCKS_PER_MULTIPROCESSOR;
        int rounds = device.isStandIn() ? 1 : ROUNDS;
        try (Stream stream = new Stream(device);
                DeviceMemory sums = device.allocate((long) width * blocks * THREADS, "the arithmetic roof")) {
            Kernel fma = device.kernel(MODULE, kernel);
            double milliseconds = best(stream, () -> fma.launch(stream, Grid.of(blocks, THREADS), sums, rounds));
            return 2.0 * SUMS * rounds * blocks * THREADS / milliseconds * 1e-6;
        }
    }

    private static double best(Stream stream, Runnable launch) {
        double best = Double.POSITIVE_INFINITY;
        try (Event start = new Event(stream.device());
                Event end = new Event(stream.device())) {
            for (int pass = 0; pass < PASSES; pass++) {
                start.record(stream);
                launch.run();
                end.record(stream);
                end.synchronize();
                best = Math.min(best, end.millisecondsSince(start));
            }
        }
        return best;
    }
}
