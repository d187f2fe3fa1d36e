package leakmark.kernels.vector;

import static leakmark.kernels.vector.Species.DOUBLE;
import static leakmark.kernels.vector.Species.LANES;

/**
 * Sums over the lanes of vectors, stored to a scratch of the thread and added in one order, so that an attack ends in the same
 * bits interpreted and compiled.
 *
 * <p>The order of {@code reduceLanes(ADD)} is not specified: since JDK 23 compiled code adds halves where the interpreter adds
 * lane by lane, and a minimiser of many steps makes different images of it. No vector is passed to a method here: where that
 * is not inlined it is boxed. The kernels of the search end in comparisons with a threshold and keep {@code reduceLanes}: sums
 * by rearrangement made the sweep 24 % slower (JDK 17 checks a shuffle each time).
 */
public final class LaneSums {
    /** Vectors that a scratch has room for. */
    private static final int ROOM = 4;

    private static final ThreadLocal<float[]> FLOATS = ThreadLocal.withInitial(() -> new float[ROOM * LANES]);
    private static final ThreadLocal<double[]> DOUBLES = ThreadLocal.withInitial(() -> new double[DOUBLE.length()]);

    private LaneSums() {}

    /** Room for four float vectors, the thread's own. */
    public static float[] floats() {
        return FLOATS.get();
    }

    /** Room for one double vector, the thread's own. */
    public static double[] doubles() {
        return DOUBLES.get();
    }

    /** Sum of the float vector stored at {@code vector · LANES}. */
    public static float sum(float[] lanes, int vector) {
        int from = vector * LANES;
        float even = 0;
        float odd = 0;
        for (int i = from; i < from + LANES; i += 2) {
            even += lanes[i];
            odd += lanes[i + 1];
        }
        return even + odd;
    }

    /** Sum of a stored double vector. */
    public static double sum(double[] lanes) {
        double even = 0;
        double odd = 0;
        for (int i = 0; i < lanes.length; i += 2) {
            even += lanes[i];
            odd += lanes[i + 1];
        }
        return even + odd;
    }
}
