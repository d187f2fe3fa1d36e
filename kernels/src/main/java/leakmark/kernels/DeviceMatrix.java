package leakmark.kernels;

/** A float32 matrix that stays with the provider that made it, until closed. */
public interface DeviceMatrix extends AutoCloseable {
    /** Number of rows. */
    int rows();

    /** Number of columns. */
    int columns();

    /** The matrix on the heap, copied unless it is there already. */
    Matrix toHost();

    @Override
    void close();
}
