package leakmark.kernels.vector;

import static leakmark.kernels.vector.Species.DOUBLE;
import static leakmark.kernels.vector.Species.FLOAT;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;

/**
 * Sums over the lanes of a vector in one order: the upper half onto the lower, and so on.
 *
 * <p>The order of {@code reduceLanes(ADD)} is not specified: since JDK 23 compiled code adds halves where the
 * interpreter adds lane by lane, so that the same attack ended in other bits once it was compiled.
 */
public final class LaneSums {
    private static final VectorShuffle<Float> FLOATS_BY_8 = by(8);
    private static final VectorShuffle<Float> FLOATS_BY_4 = by(4);
    private static final VectorShuffle<Float> FLOATS_BY_2 = by(2);
    private static final VectorShuffle<Float> FLOATS_BY_1 = by(1);
    private static final VectorShuffle<Double> DOUBLES_BY_4 = VectorShuffle.iota(DOUBLE, 4, 1, true);
    private static final VectorShuffle<Double> DOUBLES_BY_2 = VectorShuffle.iota(DOUBLE, 2, 1, true);
    private static final VectorShuffle<Double> DOUBLES_BY_1 = VectorShuffle.iota(DOUBLE, 1, 1, true);

    private LaneSums() {}

    private static VectorShuffle<Float> by(int lanes) {
        return VectorShuffle.iota(FLOAT, lanes, 1, true);
    }

    /** Sum of the lanes of a vector of {@link Species#FLOAT}, of at most 16 lanes. */
    public static float laneSum(FloatVector lanes) {
        FloatVector sum = lanes;
        if (FLOAT.length() >= 16) {
            sum = sum.add(sum.rearrange(FLOATS_BY_8));
        }
        if (FLOAT.length() >= 8) {
            sum = sum.add(sum.rearrange(FLOATS_BY_4));
        }
        if (FLOAT.length() >= 4) {
            sum = sum.add(sum.rearrange(FLOATS_BY_2));
        }
        return sum.add(sum.rearrange(FLOATS_BY_1)).lane(0);
    }

    /** Sum of the lanes of a vector of {@link Species#DOUBLE}, of at most 8 lanes. */
    public static double laneSum(DoubleVector lanes) {
        DoubleVector sum = lanes;
        if (DOUBLE.length() >= 8) {
            sum = sum.add(sum.rearrange(DOUBLES_BY_4));
        }
        if (DOUBLE.length() >= 4) {
            sum = sum.add(sum.rearrange(DOUBLES_BY_2));
        }
        return sum.add(sum.rearrange(DOUBLES_BY_1)).lane(0);
    }
}
