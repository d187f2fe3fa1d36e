package leakmark.attacks.model;

import java.util.Arrays;

/**
 * A dense float32 tensor, row-major.
 *
 * @param shape extents, outermost first; no copy is taken and nobody writes to it
 * @param data the values, {@code product(shape)} of them; no copy is taken
 */
public record Tensor(int[] shape, float[] data) {
    public Tensor {
        long size = 1;
        for (int extent : shape) {
            size = Math.multiplyExact(size, (long) extent);
        }
        if (size != data.length) {
            throw new IllegalArgumentException(
                    "shape " + Arrays.toString(shape) + " needs " + size + " values, got " + data.length);
        }
    }

    /** A matrix of {@code rows × columns}. */
    public static Tensor matrix(int rows, int columns, float[] data) {
        return new Tensor(new int[] {rows, columns}, data);
    }

    /** A vector. */
    public static Tensor vector(float... data) {
        return new Tensor(new int[] {data.length}, data);
    }

    /** Matrices of as many rows side by side; vectors end to end. */
    public static Tensor beside(Tensor... parts) {
        boolean vectors = parts[0].shape.length == 1;
        int rows = vectors ? 1 : parts[0].rows();
        int width = Arrays.stream(parts).mapToInt(part -> part.data.length).sum() / rows;
        float[] result = new float[rows * width];
        int at = 0;
        for (Tensor part : parts) {
            int columns = part.data.length / rows;
            for (int row = 0; row < rows; row++) {
                System.arraycopy(part.data, row * columns, result, row * width + at, columns);
            }
            at += columns;
        }
        return vectors ? vector(result) : matrix(rows, width, result);
    }

    /** Rows of a matrix, or the length of a vector. */
    public int rows() {
        return shape[0];
    }

    /** Columns of a matrix; 1 for a vector. */
    public int columns() {
        return shape.length > 1 ? shape[1] : 1;
    }

    /** The transposed matrix, copied. */
    public Tensor transposed() {
        int rows = rows();
        int columns = columns();
        float[] result = new float[data.length];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                result[j * rows + i] = data[i * columns + j];
            }
        }
        return matrix(columns, rows, result);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Tensor that && Arrays.equals(shape, that.shape) && Arrays.equals(data, that.data);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(shape) + Arrays.hashCode(data);
    }

    @Override
    public String toString() {
        return "Tensor" + Arrays.toString(shape);
    }
}
