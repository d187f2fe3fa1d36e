package leakmark.kernels;

/**
 * A float32 matrix on the heap, row-major; what CPU providers compute on.
 *
 * @param data {@code rows · columns} values; no copy is taken
 */
public record Matrix(int rows, int columns, float[] data) implements DeviceMatrix {
    public Matrix {
        if ((long) rows * columns != data.length) {
            throw new IllegalArgumentException(
                    rows + " × " + columns + " needs " + (long) rows * columns + " values, got " + data.length);
        }
    }

    /** A matrix of zeros. */
    public static Matrix zeros(int rows, int columns) {
        return new Matrix(rows, columns, new float[Math.multiplyExact(rows, columns)]);
    }

    /** One entry. */
    public float at(int row, int column) {
        return data[row * columns + column];
    }

    @Override
    public Matrix toHost() {
        return this;
    }

    @Override
    public void close() {
        // The heap needs no release.
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }

    @Override
    public String toString() {
        return "Matrix[" + rows + " × " + columns + "]";
    }
}
