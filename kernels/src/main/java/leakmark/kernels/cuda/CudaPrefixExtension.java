package leakmark.kernels.cuda;

import java.util.function.Function;
import leakmark.kernels.FirstLayer;
import leakmark.kernels.Matrix;
import leakmark.kernels.PrefixExtension;
import leakmark.kernels.PrefixTables;

/** The search step of {@code prefix_extension.cu}. A search keeps everything on the device until it is closed. */
final class CudaPrefixExtension implements PrefixExtension {
    private final CudaDevice device;
    private final int version;

    CudaPrefixExtension(CudaDevice device) {
        this(device, 1);
    }

    /** With the test of a rung. */
    CudaPrefixExtension(CudaDevice device, int version) {
        this.device = device;
        this.version = version;
    }

    @Override
    public Search open(PrefixTables tables) {
        return open(work -> CudaTables.upload(work, tables));
    }

    @Override
    public Search open(FirstLayer layer, int[] tokens, int positions, Matrix sketch) {
        return open(work -> CudaTables.compute(work, layer, tokens, positions, sketch));
    }

    private Search open(Function<Workspace, CudaTables> tables) {
        Workspace work = new Workspace(device);
        try {
            return new CudaSearch(work, tables.apply(work), version);
        } catch (RuntimeException | Error failure) {
            try (work) {
                throw failure;
            }
        }
    }
}
