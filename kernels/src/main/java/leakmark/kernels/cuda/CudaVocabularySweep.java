package leakmark.kernels.cuda;

import java.util.Arrays;
import leakmark.kernels.DeviceMatrix;
import leakmark.kernels.Matrix;
import leakmark.kernels.VocabularySweep;

/** The sweep of {@code vocabulary_sweep.cu}; hits come back unordered and are ordered here. */
final class CudaVocabularySweep implements VocabularySweep {
    private static final int MOST_COLUMNS = 32;
    private static final int COLUMNS = 8;
    private static final int THREADS = 256;
    /** Hits the first try has room for: 5000 are usual. More make a second try with all the room they need. */
    private static final int ROOM = 1 << 16;

    private final CudaDevice device;
    private final int version;
    private final int room;

    CudaVocabularySweep(CudaDevice device) {
        this(device, 2, ROOM);
    }

    /** With the kernel of a rung, and room for so many hits at first. */
    CudaVocabularySweep(CudaDevice device, int version, int room) {
        this.device = device;
        this.version = version;
        this.room = room;
    }

    @Override
    public Hits sweep(DeviceMatrix table, Matrix sketch, Matrix positions, float threshold) {
        if (sketch.columns() > MOST_COLUMNS) {
            throw new IllegalArgumentException(
                    "a sketch of " + sketch.columns() + " columns; the device's sweep takes up to " + MOST_COLUMNS);
        }
        if (table.rows() == 0 || positions.rows() == 0) {
            return new Hits(new int[0], new int[0]);
        }
        try (Workspace work = new Workspace(device)) {
            CudaMatrix resident = work.resident(table);
            int columns = (sketch.columns() + COLUMNS - 1) / COLUMNS * COLUMNS;
            DeviceMemory transposed = work.of(transposed(sketch, columns, resident.stride()), "a sketch");
            DeviceMemory quads = work.of(quads(positions, columns), "position terms");
            DeviceMemory count = work.room(1, Integer.BYTES, "a count");
            int capacity = room;
            while (true) {
                DeviceMemory hits = work.room(capacity, 2 * Integer.BYTES, "hits");
                work.clear(count);
                work.launchBlocks(
                        "vocabulary_sweep",
                        "vocabulary_sweep_" + version,
                        Math.min((table.rows() + 31) / 32, work.blocks(2)),
                        THREADS,
                        resident.memory(),
                        table.rows(),
                        resident.stride(),
                        transposed,
                        columns,
                        quads,
                        positions.rows(),
                        threshold * threshold,
                        hits,
                        capacity,
                        count);
                int[] found = new int[1];
                work.get(count, 0, found);
                if (found[0] <= capacity) {
                    int[] pairs = new int[2 * found[0]];
                    work.get(hits, 0, pairs);
                    return ordered(pairs);
                }
                work.release(hits);
                capacity = found[0];
            }
        }
    }

    private static Hits ordered(int[] pairs) {
        long[] keys = new long[pairs.length / 2];
        for (int h = 0; h < keys.length; h++) {
            keys[h] = (long) pairs[2 * h] << 32 | pairs[2 * h + 1];
        }
        Arrays.sort(keys);
        return new Hits(
                Arrays.stream(keys).mapToInt(key -> (int) (key >> 32)).toArray(),
                Arrays.stream(keys).mapToInt(key -> (int) key).toArray());
    }

    private static float[] transposed(Matrix sketch, int columns, int stride) {
        float[] result = new float[columns * stride];
        for (int e = 0; e < sketch.rows(); e++) {
            for (int c = 0; c < sketch.columns(); c++) {
                result[c * stride + e] = sketch.at(e, c);
            }
        }
        return result;
    }

    private static float[] quads(Matrix positions, int columns) {
        int places = positions.rows();
        float[] result = new float[columns * places];
        for (int i = 0; i < places; i++) {
            for (int c = 0; c < positions.columns(); c++) {
                result[(c / 4 * places + i) * 4 + c % 4] = positions.at(i, c);
            }
        }
        return result;
    }
}
