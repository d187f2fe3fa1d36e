package leakmark.kernels.cuda;

import leakmark.kernels.DeviceMatrix;
import leakmark.kernels.Matrix;

/** A float32 matrix on the device. Rows start on 16 bytes: they are padded with zeros to a multiple of four floats. */
final class CudaMatrix implements DeviceMatrix {
    private final int rows;
    private final int columns;
    private final DeviceMemory memory;

    private CudaMatrix(int rows, int columns, DeviceMemory memory) {
        this.rows = rows;
        this.columns = columns;
        this.memory = memory;
    }

    /** Floats from row to row for a number of columns. */
    static int stride(int columns) {
        return (columns + 3) / 4 * 4;
    }

    /** Copies a matrix to the device. */
    static CudaMatrix upload(CudaDevice device, Matrix matrix) {
        int stride = stride(matrix.columns());
        DeviceMemory memory = device.allocate(
                Math.max(4, 4L * matrix.rows() * stride), "a " + matrix.rows() + " × " + matrix.columns() + " matrix");
        try (Workspace work = new Workspace(device)) {
            write(work, matrix, memory, 0);
            work.synchronize();
        } catch (RuntimeException | Error failure) {
            memory.close();
            throw failure;
        }
        return new CudaMatrix(matrix.rows(), matrix.columns(), memory);
    }

    /** Writes a matrix with padded rows, from a row on. */
    static void write(Workspace work, Matrix matrix, DeviceMemory to, int firstRow) {
        int stride = stride(matrix.columns());
        work.put(padded(matrix), to, 4L * firstRow * stride);
    }

    private static float[] padded(Matrix matrix) {
        int stride = stride(matrix.columns());
        if (stride == matrix.columns()) {
            return matrix.data();
        }
        float[] padded = new float[Math.multiplyExact(matrix.rows(), stride)];
        for (int i = 0; i < matrix.rows(); i++) {
            System.arraycopy(matrix.data(), i * matrix.columns(), padded, i * stride, matrix.columns());
        }
        return padded;
    }

    @Override
    public int rows() {
        return rows;
    }

    @Override
    public int columns() {
        return columns;
    }

    /** Floats from row to row. */
    int stride() {
        return stride(columns);
    }

    /** Where it lies. */
    DeviceMemory memory() {
        return memory;
    }

    @Override
    public Matrix toHost() {
        int stride = stride();
        float[] padded = new float[rows * stride];
        try (Workspace work = new Workspace(memory.device())) {
            work.get(memory, 0, padded);
        }
        Matrix matrix = Matrix.zeros(rows, columns);
        for (int i = 0; i < rows; i++) {
            System.arraycopy(padded, i * stride, matrix.data(), i * columns, columns);
        }
        return matrix;
    }

    @Override
    public void close() {
        memory.close();
    }
}
