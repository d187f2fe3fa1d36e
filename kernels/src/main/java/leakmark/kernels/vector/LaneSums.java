package leakmark.kernels.vector;

import static leakmark.kernels.vector.Species.DOUBLE;
import static leakmark.kernels.vector.Species.FLOAT;

import java.util.function.IntPredicate;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Sums over the lanes of vectors of {@link Species#FLOAT} and {@link Species#DOUBLE} in one order: the upper half onto
 * the lower, and so on.
 *
 * <p>The order of {@code reduceLanes(ADD)} is not specified: since JDK 23 compiled code adds halves where the
 * interpreter adds lane by lane, so that the same attack ended in other bits once it was compiled.
 *
 * <p>A rearrangement costs about ten instructions on JDK 17, which checks the shuffle each time: sixteen sums one by one
 * made the sweep 24 % slower. Four sums at once share them: 5 rearrangements and 6 blends instead of 16 rearrangements.
 */
public final class LaneSums {
    private static final int FLOATS = FLOAT.length();
    private static final int QUARTER = FLOATS / 4;
    private static final VectorShuffle<Float> FLOATS_BY_8 = exchange(FLOAT, 8);
    private static final VectorShuffle<Float> FLOATS_BY_4 = exchange(FLOAT, 4);
    private static final VectorShuffle<Float> FLOATS_BY_2 = exchange(FLOAT, 2);
    private static final VectorShuffle<Float> FLOATS_BY_1 = exchange(FLOAT, 1);
    private static final VectorShuffle<Float> FLOAT_HALVES = exchange(FLOAT, 2 * QUARTER);
    private static final VectorShuffle<Float> FLOAT_QUARTERS = exchange(FLOAT, QUARTER);
    private static final VectorMask<Float> UPPER_FLOATS = where(FLOAT, lane -> lane >= 2 * QUARTER);
    private static final VectorMask<Float> ODD_FLOATS = where(FLOAT, lane -> lane / QUARTER % 2 == 1);

    private static final int DOUBLES = DOUBLE.length();
    private static final int DOUBLE_QUARTER = Math.max(1, DOUBLES / 4);
    private static final VectorShuffle<Double> DOUBLES_BY_4 = exchange(DOUBLE, 4);
    private static final VectorShuffle<Double> DOUBLES_BY_2 = exchange(DOUBLE, 2);
    private static final VectorShuffle<Double> DOUBLES_BY_1 = exchange(DOUBLE, 1);
    private static final VectorShuffle<Double> DOUBLE_HALVES = exchange(DOUBLE, DOUBLES / 2);
    private static final VectorShuffle<Double> DOUBLE_QUARTERS = exchange(DOUBLE, DOUBLE_QUARTER);
    private static final VectorMask<Double> UPPER_DOUBLES = where(DOUBLE, lane -> lane >= DOUBLES / 2);
    private static final VectorMask<Double> ODD_DOUBLES = where(DOUBLE, lane -> lane / DOUBLE_QUARTER % 2 == 1);

    private LaneSums() {}

    private static <E> VectorShuffle<E> exchange(VectorSpecies<E> species, int distance) {
        return VectorShuffle.fromOp(species, lane -> lane ^ distance);
    }

    private static <E> VectorMask<E> where(VectorSpecies<E> species, IntPredicate lanes) {
        boolean[] set = new boolean[species.length()];
        for (int lane = 0; lane < set.length; lane++) {
            set[lane] = lanes.test(lane);
        }
        return VectorMask.fromArray(species, set, 0);
    }

    /** Sum of the lanes. */
    public static float laneSum(FloatVector lanes) {
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
    public static void laneSums(FloatVector a, FloatVector b, FloatVector c, FloatVector d, float[] y, int at) {
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
    public static double laneSum(DoubleVector lanes) {
        DoubleVector sum = lanes;
        if (DOUBLES >= 8) {
            sum = sum.add(sum.rearrange(DOUBLES_BY_4));
        }
        if (DOUBLES >= 4) {
            sum = sum.add(sum.rearrange(DOUBLES_BY_2));
        }
        return sum.add(sum.rearrange(DOUBLES_BY_1)).lane(0);
    }

    /** {@code y[at] … y[at + 3]} ← sums of the lanes of a, b, c and d, the bits of {@link #laneSum(DoubleVector)}. */
    public static void laneSums(DoubleVector a, DoubleVector b, DoubleVector c, DoubleVector d, double[] y, int at) {
        if (DOUBLES < 4) {
            y[at] = laneSum(a);
            y[at + 1] = laneSum(b);
            y[at + 2] = laneSum(c);
            y[at + 3] = laneSum(d);
            return;
        }
        DoubleVector ab =
                a.blend(b, UPPER_DOUBLES).add(b.blend(a, UPPER_DOUBLES).rearrange(DOUBLE_HALVES));
        DoubleVector cd =
                c.blend(d, UPPER_DOUBLES).add(d.blend(c, UPPER_DOUBLES).rearrange(DOUBLE_HALVES));
        DoubleVector sums =
                ab.blend(cd, ODD_DOUBLES).add(cd.blend(ab, ODD_DOUBLES).rearrange(DOUBLE_QUARTERS));
        if (DOUBLE_QUARTER >= 2) {
            sums = sums.add(sums.rearrange(DOUBLES_BY_1));
        }
        y[at] = sums.lane(0);
        y[at + 1] = sums.lane(2 * DOUBLE_QUARTER);
        y[at + 2] = sums.lane(DOUBLE_QUARTER);
        y[at + 3] = sums.lane(3 * DOUBLE_QUARTER);
    }
}
