package leakmark.kernels.cuda;

import java.util.stream.IntStream;
import leakmark.kernels.FirstLayer;
import leakmark.kernels.Matrix;
import leakmark.kernels.PrefixTables;

/**
 * Queries, keys and values of tokens and positions on the device, their sketches, and 1/σ: launches of {@code
 * prefix_tables.cu}.
 *
 * @param tokens T
 * @param positions P
 * @param hiddenSize d
 * @param heads H
 * @param columns sketch columns, rounded up to a multiple of 8
 * @param width T rounded up to whole warps
 * @param qkv (T + P + 1) × stride(3d): tokens, positions, constant
 * @param inverseSigma T × P
 * @param sketches (T + P + 1) × H × columns
 * @param queries d × width: token queries over √(d/H)
 */
record CudaTables(
        int tokens,
        int positions,
        int hiddenSize,
        int heads,
        int columns,
        int width,
        DeviceMemory qkv,
        DeviceMemory inverseSigma,
        DeviceMemory sketches,
        DeviceMemory queries) {
    private static final String MODULE = "prefix_tables";
    private static final int WARPS = 8;
    private static final int THREADS = 32 * WARPS;

    /** Tables that were made on the host. */
    static CudaTables upload(Workspace work, PrefixTables tables) {
        int d = tables.hiddenSize();
        int tokens = tables.tokens();
        int positions = tables.positions();
        DeviceMemory qkv = qkvRoom(work, tokens, positions, d);
        CudaMatrix.write(work, tables.tokenQkv(), qkv, 0);
        CudaMatrix.write(work, tables.positionQkv(), qkv, tokens);
        CudaMatrix.write(work, new Matrix(1, 3 * d, tables.constantQkv()), qkv, tokens + positions);
        DeviceMemory inverse = work.of(tables.inverseSigma().data(), "1/σ");
        return finished(work, tokens, positions, tables.heads(), qkv, inverse, tables.sketch());
    }

    /** Tables made on the device from layer 1's weights there. */
    static CudaTables compute(Workspace work, FirstLayer layer, int[] ids, int positions, Matrix sketch) {
        int d = layer.hiddenSize();
        int tokens = ids.length;
        int rows = tokens + positions + 1;
        int stride = CudaMatrix.stride(d);
        CudaMatrix table = work.resident(layer.tokens());
        CudaMatrix places = work.resident(layer.positions());
        CudaMatrix weight = work.resident(layer.weight());
        DeviceMemory deviceIds = work.of(ids, "tokens");
        DeviceMemory scale = work.of(layer.scale(), "γ");
        DeviceMemory parts = work.room((long) rows * stride, Float.BYTES, "inputs of layer 1");
        parts(work, table, deviceIds, tokens, scale, parts, 0, d);
        DeviceMemory all = work.of(IntStream.range(0, positions).toArray(), "positions");
        parts(work, places, all, positions, scale, parts, tokens, d);
        CudaMatrix.write(work, new Matrix(1, d, layer.shift()), parts, tokens + positions);
        DeviceMemory qkv = qkvRoom(work, tokens, positions, d);
        product(work, 1, parts, stride, weight, qkv, rows);
        int qkvStride = CudaMatrix.stride(3 * d);
        DeviceMemory bias = work.of(layer.bias(), "a bias");
        DeviceMemory.View constant = qkv.from(4L * (rows - 1) * qkvStride);
        work.launch(MODULE, "add_bias", 3L * d, THREADS, THREADS, constant, bias, 3 * d);
        DeviceMemory inverse = work.room((long) tokens * positions, Float.BYTES, "1/σ");
        work.launch(
                MODULE,
                "inverse_sigma",
                (long) tokens * positions,
                WARPS,
                THREADS,
                table.memory(),
                table.stride(),
                deviceIds,
                tokens,
                places.memory(),
                places.stride(),
                positions,
                d,
                layer.epsilon(),
                inverse);
        return finished(work, tokens, positions, layer.heads(), qkv, inverse, sketch);
    }

    /** {@code C = A B} for rows of A with a stride; C has B's stride. */
    static void product(
            Workspace work, int version, DeviceMemory a, int strideA, CudaMatrix b, DeviceMemory c, int rows) {
        long tiles = (long) ((rows + 63) / 64) * ((b.columns() + 63) / 64);
        work.launch(
                "matrix_product",
                "matrix_product_" + version,
                tiles,
                1,
                256,
                a,
                strideA,
                b.memory(),
                b.stride(),
                c,
                b.stride(),
                rows,
                b.columns(),
                b.rows());
    }

    private static void parts(
            Workspace work,
            CudaMatrix table,
            DeviceMemory ids,
            int n,
            DeviceMemory scale,
            DeviceMemory parts,
            int firstRow,
            int d) {
        int stride = CudaMatrix.stride(d);
        work.launch(
                MODULE,
                "normalised_parts",
                n,
                WARPS,
                THREADS,
                table.memory(),
                table.stride(),
                ids,
                n,
                d,
                scale,
                parts.from(4L * firstRow * stride),
                stride);
    }

    private static DeviceMemory qkvRoom(Workspace work, int tokens, int positions, int d) {
        return work.room((tokens + positions + 1L) * CudaMatrix.stride(3 * d), Float.BYTES, "queries, keys and values");
    }

    private static CudaTables finished(
            Workspace work,
            int tokens,
            int positions,
            int heads,
            DeviceMemory qkv,
            DeviceMemory inverseSigma,
            Matrix sketch) {
        int d = sketch.rows();
        int columns = (sketch.columns() + 7) / 8 * 8;
        int width = (tokens + 31) / 32 * 32;
        int rows = tokens + positions + 1;
        int stride = CudaMatrix.stride(3 * d);
        float[] padded = new float[d * columns];
        for (int e = 0; e < d; e++) {
            System.arraycopy(sketch.data(), e * sketch.columns(), padded, e * columns, sketch.columns());
        }
        DeviceMemory deviceSketch = work.of(padded, "a sketch");
        DeviceMemory sketches = work.room((long) rows * heads * columns, Float.BYTES, "sketches of values");
        work.launch(
                MODULE,
                "value_sketches",
                (long) rows * heads,
                WARPS,
                THREADS,
                qkv,
                stride,
                rows,
                d,
                heads,
                deviceSketch,
                columns,
                sketches);
        DeviceMemory queries = work.room((long) d * width, Float.BYTES, "queries of tokens");
        work.launchBlocks(
                MODULE,
                "transposed_queries",
                (d + 31) / 32 * (width / 32),
                THREADS,
                qkv,
                stride,
                tokens,
                d,
                (float) (1 / Math.sqrt((double) d / heads)),
                queries,
                width);
        return new CudaTables(tokens, positions, d, heads, columns, width, qkv, inverseSigma, sketches, queries);
    }

    /** Floats from row to row of {@link #qkv}. */
    int stride() {
        return CudaMatrix.stride(3 * hiddenSize);
    }
}
