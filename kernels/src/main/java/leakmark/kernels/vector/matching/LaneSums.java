package leakmark.kernels.vector.matching;

import static leakmark.kernels.vector.Species.DOUBLE;
import static leakmark.kernels.vector.Species.FLOAT;

import java.util.function.IntPredicate;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Sums over the lanes of a vector in one order, the upper half onto the lower and so on, so that an attack ends in the
 * same bits interpreted and compiled.
 *
 * <p>The order of {@code reduceLanes(ADD)} is not specified: since JDK 23 compiled code adds halves where the
 * interpreter adds lane by lane. A minimiser of many steps makes different images of it. The kernels of the search end in
 * comparisons with a threshold, have sixteen sums a tile, and keep {@code reduceLanes}: sums by rearrangement made the
 * sweep 24 % slower (JDK 17 checks a shuffle each time), sums by four in a method that is not inlined 240 %.
 */
final class LaneSums {
    private static final int FLOATS = FLOAT.length();
    private static final int QUARTER = FLOATS / 4;
    private static final VectorShuffle<Float> FLOATS_BY_8 = exchange(FLOAT, 8);
    private static final VectorShuffle<Float> FLOATS_BY_4 = exchange(FLOAT, 4);
    private static final VectorShuffle<Float> FLOATS_BY_2 = exchange(FLOAT, 2);
    private static final VectorShuffle<Float> FLOATS_BY_1 = exchange(FLOAT, 1);
    private static final VectorShuffle<Float> FLOAT_HALVES = exchange(FLOAT, 2 * QUARTER);
    private static final VectorShuffle<Float> FLOAT_QUARTERS = exchange(FLOAT, QUARTER);
    private static final VectorMask<Float> UPPER_FLOATS = where(lane -> lane >= 2 * QUARTER);
    private static final VectorMask<Float> ODD_FLOATS = where(lane -> lane / QUARTER % 2 == 1);

    private static final int DOUBLES = DOUBLE.length();
    private static final VectorShuffle<Double> DOUBLES_BY_4 = exchange(DOUBLE, 4);
    private static final VectorShuffle<Double> DOUBLES_BY_2 = exchange(DOUBLE, 2);
    private static final VectorShuffle<Double> DOUBLES_BY_1 = exchange(DOUBLE, 1);

    private LaneSums() {}

    private static <E> VectorShuffle<E> exchange(VectorSpecies<E> species, int distance) {
        return VectorShuffle.fromOp(species, lane -> lane ^ distance);
    }

    private static VectorMask<Float> where(IntPredicate lanes) {
        boolean[] set = new boolean[FLOATS];
        for (int lane = 0; lane < set.length; lane++) {
            set[lane] = lanes.test(lane);
        }
        return VectorMask.fromArray(FLOAT, set, 0);
    }

    /** Sum of the lanes. */
    static float laneSum(FloatVector lanes) {
        FloatVector sum = lanes;
        if (FLOATS >= 16) {
            sum = sum.add(sum.rearrange(FLOATS_BY_8));
        }
        if (FLOATS >= 8) {
            sum = sum.add(sum.rearrange(FLOATS_BY_4));
        }
        if (FLOATS >= 4) {
            sum = sum.add(sum.rearrange(FLOATS_BY_2));
        }
        return sum.add(sum.rearrange(FLOATS_BY_1)).lane(0);
    }

    /** {@code y[at] … y[at + 3]} ← sums of the lanes of a, b, c and d, the bits of {@link #laneSum(FloatVector)}. */
    static void laneSums(FloatVector a, FloatVector b, FloatVector c, FloatVector d, float[] y, int at) {
        FloatVector ab = a.blend(b, UPPER_FLOATS).add(b.blend(a, UPPER_FLOATS).rearrange(FLOAT_HALVES));
        FloatVector cd = c.blend(d, UPPER_FLOATS).add(d.blend(c, UPPER_FLOATS).rearrange(FLOAT_HALVES));
        FloatVector sums = ab.blend(cd, ODD_FLOATS).add(cd.blend(ab, ODD_FLOATS).rearrange(FLOAT_QUARTERS));
        if (QUARTER >= 4) {
            sums = sums.add(sums.rearrange(FLOATS_BY_2));
        }
        if (QUARTER >= 2) {
            sums = sums.add(sums.rearrange(FLOATS_BY_1));
        }
        y[at] = sums.lane(0);
        y[at + 1] = sums.lane(2 * QUARTER);
        y[at + 2] = sums.lane(QUARTER);
        y[at + 3] = sums.lane(3 * QUARTER);
    }

    /** Sum of the lanes. */
    static double laneSum(DoubleVector lanes) {
        DoubleVector sum = lanes;
        if (DOUBLES >= 8) {
            sum = sum.add(sum.rearrange(DOUBLES_BY_4));
        }
        if (DOUBLES >= 4) {
            sum = sum.add(sum.rearrange(DOUBLES_BY_2));
        }
        return sum.add(sum.rearrange(DOUBLES_BY_1)).lane(0);
    }
}
