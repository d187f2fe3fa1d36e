package leakmark.kernels.cuda;

import java.util.Arrays;
import leakmark.kernels.DeviceMatrix;
import leakmark.kernels.Matrix;
import leakmark.kernels.Orthonormal;
import leakmark.kernels.RankDecision;
import leakmark.kernels.RowSpace;
import leakmark.kernels.SpanProjection;

/** Row spaces on the device, float64. Bases stay there until the space is closed. */
final class CudaSpanProjection implements SpanProjection {
    /** Vectors taken at a time: with their rests and coefficients at d = r = 1024 24 MiB. */
    private static final int CHUNK = 1024;

    private final CudaDevice device;
    private final int version;

    CudaSpanProjection(CudaDevice device) {
        this(device, 1);
    }

    /** With the kernels of a rung: 0 are the naive ones. */
    CudaSpanProjection(CudaDevice device, int version) {
        this.device = device;
        this.version = version;
    }

    @Override
    public RowSpace rowSpace(DeviceMatrix gradient, float[]... append) {
        int d = gradient.rows();
        int s = Math.min(d, gradient.columns());
        DeviceMemory basis =
                device.allocate(Math.max(1, 8L * (s + append.length) * d), "a basis of " + s + " directions");
        try (Workspace work = new Workspace(device)) {
            Factorisation factorisation = new Factorisation(work, work.resident(gradient), basis, version);
            RankDecision decision = factorisation.decide();
            for (float[] direction : append) {
                factorisation.append(direction);
            }
            work.synchronize();
            return new CudaRowSpace(d, factorisation.rank(), decision, basis);
        } catch (RuntimeException | Error failure) {
            basis.close();
            throw failure;
        }
    }

    @Override
    public Matrix complementSketch(RowSpace space, int columns, long seed) {
        int d = space.dimension();
        double[] random = Orthonormal.randomDirections(d, space.rank(), columns, seed);
        double[] rows;
        try (Workspace work = new Workspace(device)) {
            rows = Factorisation.complement(work, space, random);
        }
        Matrix sketch = Matrix.zeros(d, columns);
        for (int c = 0; c < columns; c++) {
            for (int e = 0; e < d; e++) {
                sketch.data()[e * columns + c] = (float) rows[c * d + e];
            }
        }
        return sketch;
    }

    @Override
    public double[] residuals(RowSpace space, double[] vectors) {
        double[] result = new double[vectors.length];
        inChunks(space, vectors, false, result);
        return result;
    }

    @Override
    public double[] distances(RowSpace space, double[] vectors) {
        double[] result = new double[vectors.length / space.dimension()];
        inChunks(space, vectors, true, result);
        return result;
    }

    private void inChunks(RowSpace space, double[] vectors, boolean distances, double[] result) {
        int d = space.dimension();
        int n = vectors.length / d;
        if (n == 0) {
            return;
        }
        try (Workspace work = new Workspace(device)) {
            SpanResidual residual = new SpanResidual(work, version);
            DeviceMemory basis = SpanResidual.basis(work, space);
            DeviceMemory unlimited = work.of(new int[] {Integer.MAX_VALUE}, "a count");
            int chunk = Math.min(n, CHUNK);
            DeviceMemory z = work.room((long) chunk * d, Double.BYTES, "vectors");
            DeviceMemory rest = work.room((long) chunk * d, Double.BYTES, "rests");
            DeviceMemory lengths = work.room(chunk, Double.BYTES, "distances");
            DeviceMemory coefficients = residual.coefficientRoom(chunk, space.rank(), d);
            for (int from = 0; from < n; from += chunk) {
                int count = Math.min(chunk, n - from);
                work.put(Arrays.copyOfRange(vectors, from * d, (from + count) * d), z, 0);
                residual.remove(z, count, unlimited, basis, space.rank(), d, coefficients, rest);
                double[] part = new double[distances ? count : count * d];
                if (distances) {
                    residual.distances(z, rest, count, unlimited, d, lengths);
                }
                work.get(distances ? lengths : rest, 0, part);
                System.arraycopy(part, 0, result, distances ? from : from * d, part.length);
            }
        }
    }
}
