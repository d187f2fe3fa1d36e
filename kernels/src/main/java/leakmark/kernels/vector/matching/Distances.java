package leakmark.kernels.vector.matching;

import static leakmark.kernels.vector.Species.DOUBLE;
import static leakmark.kernels.vector.Species.FLOAT;
import static leakmark.kernels.vector.Species.LANES;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import leakmark.kernels.matching.Distance;
import leakmark.kernels.vector.LaneSums;

/** D(g', g) and u = ∂D/∂g' over packed gradients. Sums are float32 within blocks and float64 between them. */
final class Distances {
    private static final int BLOCK = 64 * LANES;

    private final Distance distance;

    Distances(Distance distance) {
        this.distance = distance;
    }

    /**
     * Replaces g' by u.
     *
     * @param g g', then u
     * @param targets packed targets
     * @param at where g begins in them
     * @param size length of g'; a multiple of the vector length
     * @return D
     */
    double directionInPlace(float[] g, float[] targets, int at, int size) {
        return distance.kind() == Distance.Kind.COSINE ? cosine(g, targets, at, size) : squared(g, targets, at, size);
    }

    private double squared(float[] g, float[] targets, int at, int size) {
        double total = 0;
        float[] lanes = LaneSums.floats();
        float alpha = (float) distance.alpha();
        for (int from = 0; from < size; from += BLOCK) {
            int to = Math.min(size, from + BLOCK);
            FloatVector squares = FloatVector.zero(FLOAT);
            FloatVector magnitudes = FloatVector.zero(FLOAT);
            for (int i = from; i < to; i += LANES) {
                FloatVector r = FloatVector.fromArray(FLOAT, g, i).sub(FloatVector.fromArray(FLOAT, targets, at + i));
                squares = r.fma(r, squares);
                magnitudes = magnitudes.add(r.abs());
                FloatVector u = r.add(r);
                if (alpha != 0) {
                    VectorMask<Float> positive = r.compare(VectorOperators.GT, 0);
                    VectorMask<Float> negative = r.compare(VectorOperators.LT, 0);
                    u = u.blend(u.add(alpha), positive).blend(u.sub(alpha), negative);
                }
                u.intoArray(g, i);
            }
            squares.intoArray(lanes, 0);
            magnitudes.intoArray(lanes, LANES);
            total += LaneSums.sum(lanes, 0);
            total += distance.alpha() * LaneSums.sum(lanes, 1);
        }
        return total;
    }

    /**
     * u has no part along g', because D does not change with its length; gradients of soft labels live on what that
     * cancellation leaves. So the sums are float64, and u's two factors fit each other beyond float32.
     */
    private static double cosine(float[] g, float[] targets, int at, int size) {
        double[] lanes = LaneSums.doubles();
        double product = 0;
        double square = 0;
        double targetSquare = 0;
        for (int from = 0; from < size; from += BLOCK) {
            int to = Math.min(size, from + BLOCK);
            DoubleVector products = DoubleVector.zero(DOUBLE);
            DoubleVector squares = products;
            DoubleVector targetSquares = products;
            for (int i = from; i < to; i += LANES) {
                FloatVector a = FloatVector.fromArray(FLOAT, g, i);
                FloatVector b = FloatVector.fromArray(FLOAT, targets, at + i);
                DoubleVector a0 = (DoubleVector) a.convertShape(VectorOperators.F2D, DOUBLE, 0);
                DoubleVector a1 = (DoubleVector) a.convertShape(VectorOperators.F2D, DOUBLE, 1);
                DoubleVector b0 = (DoubleVector) b.convertShape(VectorOperators.F2D, DOUBLE, 0);
                DoubleVector b1 = (DoubleVector) b.convertShape(VectorOperators.F2D, DOUBLE, 1);
                products = a1.fma(b1, a0.fma(b0, products));
                squares = a1.fma(a1, a0.fma(a0, squares));
                targetSquares = b1.fma(b1, b0.fma(b0, targetSquares));
            }
            products.intoArray(lanes, 0);
            product += LaneSums.sum(lanes);
            squares.intoArray(lanes, 0);
            square += LaneSums.sum(lanes);
            targetSquares.intoArray(lanes, 0);
            targetSquare += LaneSums.sum(lanes);
        }
        double norms = Math.sqrt(square * targetSquare);
        float other = (float) (-1 / norms);
        double own = -other * product / square;
        float coarse = (float) own;
        FloatVector fine = FloatVector.broadcast(FLOAT, (float) (own - coarse));
        for (int i = 0; i < size; i += LANES) {
            FloatVector a = FloatVector.fromArray(FLOAT, g, i);
            FloatVector b = FloatVector.fromArray(FLOAT, targets, at + i);
            a.fma(FloatVector.broadcast(FLOAT, coarse), a.fma(fine, b.mul(other)))
                    .intoArray(g, i);
        }
        return 1 - product / norms;
    }
}
