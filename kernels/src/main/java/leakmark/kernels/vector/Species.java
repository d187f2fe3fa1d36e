package leakmark.kernels.vector;

import java.util.Arrays;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** The widest vectors of this machine, and the way work is spread over its cores. */
public final class Species {
    /** Float vectors. */
    public static final VectorSpecies<Float> FLOAT = FloatVector.SPECIES_PREFERRED;
    /** Double vectors. */
    public static final VectorSpecies<Double> DOUBLE = DoubleVector.SPECIES_PREFERRED;
    /** Lanes of a float vector. */
    public static final int LANES = FLOAT.length();

    private Species() {}

    /** {@code n} rounded up to whole vectors. */
    public static int padded(int n) {
        return (n + LANES - 1) / LANES * LANES;
    }

    /** Runs {@code body} for 0 … n−1 on all cores. */
    static void parallel(int n, IntConsumer body) {
        if (n > 0) {
            IntStream.range(0, n).parallel().forEach(body);
        }
    }

    /** Splits 0 … n−1 into chunks of {@code size} and runs them on all cores. */
    static void chunks(int n, int size, ChunkBody body) {
        parallel((n + size - 1) / size, chunk -> body.run(chunk, chunk * size, Math.min(n, (chunk + 1) * size)));
    }

    /** A chunk's index and its half-open range. */
    interface ChunkBody {
        void run(int chunk, int from, int to);
    }

    /** The array with room for {@code length} entries, at least doubled when it grows. */
    static float[] room(float[] array, int length) {
        return length <= array.length ? array : Arrays.copyOf(array, Math.max(length, 2 * array.length));
    }
}
