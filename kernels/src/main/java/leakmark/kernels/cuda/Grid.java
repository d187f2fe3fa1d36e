package leakmark.kernels.cuda;

/**
 * Shape of a launch.
 *
 * @param blocksX blocks along x
 * @param blocksY blocks along y, at most 65535
 * @param blocksZ blocks along z, at most 65535
 * @param threadsX threads of a block along x
 * @param threadsY threads of a block along y
 * @param dynamicShared dynamic shared memory of a block in bytes
 */
public record Grid(int blocksX, int blocksY, int blocksZ, int threadsX, int threadsY, int dynamicShared) {
    /** One-dimensional. */
    public static Grid of(int blocks, int threads) {
        return new Grid(blocks, 1, 1, threads, 1, 0);
    }

    /** One-dimensional with at least one thread per item. */
    public static Grid over(long items, int threads) {
        return of(Math.toIntExact((items + threads - 1) / threads), threads);
    }

    /** Two dimensions of blocks. */
    public Grid rows(int blocks) {
        return new Grid(blocksX, blocks, blocksZ, threadsX, threadsY, dynamicShared);
    }

    /** With dynamic shared memory. */
    public Grid shared(int bytes) {
        return new Grid(blocksX, blocksY, blocksZ, threadsX, threadsY, bytes);
    }
}
