package leakmark.kernels.cuda;

import java.util.ArrayList;
import java.util.List;

/**
 * A stream with the staging of its copies. Pinning their 8 MiB takes longer than most computations, so a device keeps those
 * that are given back, and lends them again.
 *
 * @param stream where work is queued
 * @param staging copies through that stream
 */
record CopyQueue(Stream stream, Staging staging) {
    /** Opens one. */
    static CopyQueue open(CudaDevice device) {
        Stream stream = new Stream(device);
        try {
            return new CopyQueue(stream, new Staging(stream));
        } catch (RuntimeException | Error failure) {
            stream.close();
            throw failure;
        }
    }

    /** What the ledger knows of it. */
    List<Object> resources() {
        List<Object> all = new ArrayList<>(staging.resources());
        all.add(stream);
        return all;
    }
}
