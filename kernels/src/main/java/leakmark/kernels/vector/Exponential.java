package leakmark.kernels.vector;

import static leakmark.kernels.vector.Species.FLOAT;
import static leakmark.kernels.vector.Species.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** {@code exp} of non-positive floats, relative error under 3e-7, and the softmax made of it. */
public final class Exponential {
    private static final float LOG2_E = 1.442695f;
    /** ln 2 in two parts, the first exact in few bits (Cody and Waite). */
    private static final float LN2_HIGH = 355f / 512;

    private static final float LN2_LOW = -2.12194440e-4f;
    /** 1.5·2²³: adding it leaves the nearest integer in the low bits. */
    private static final float ROUNDING = 12582912f;
    /** Under this the result would leave the normal floats. */
    private static final float SMALLEST = -87f;

    private Exponential() {}

    /**
     * Softmax numerators of lanes side by side, in place. Taylor polynomial of degree 6 on [−ln2/2, ln2/2], scaled by 2ⁿ
     * through the exponent's bits; written out in the loop, because a vector returned from a method that happens not to be
     * inlined is boxed, at many times the cost of the polynomial.
     *
     * @param scores count vectors; {@code exp(score − largest)} of each lane afterwards
     * @param inverse one vector: 1/sum of each lane
     */
    static void softmax(float[] scores, int count, float[] inverse) {
        FloatVector largest = FloatVector.fromArray(FLOAT, scores, 0);
        for (int j = 1; j < count; j++) {
            largest = largest.max(FloatVector.fromArray(FLOAT, scores, j * LANES));
        }
        FloatVector sum = FloatVector.zero(FLOAT);
        for (int j = 0; j < count; j++) {
            FloatVector x =
                    FloatVector.fromArray(FLOAT, scores, j * LANES).sub(largest).max(SMALLEST);
            FloatVector shifted = x.fma(FloatVector.broadcast(FLOAT, LOG2_E), FloatVector.broadcast(FLOAT, ROUNDING));
            FloatVector n = shifted.sub(ROUNDING);
            FloatVector r = n.fma(FloatVector.broadcast(FLOAT, -LN2_HIGH), x);
            r = n.fma(FloatVector.broadcast(FLOAT, -LN2_LOW), r);
            FloatVector p = FloatVector.broadcast(FLOAT, 1f / 720);
            p = p.fma(r, FloatVector.broadcast(FLOAT, 1f / 120));
            p = p.fma(r, FloatVector.broadcast(FLOAT, 1f / 24));
            p = p.fma(r, FloatVector.broadcast(FLOAT, 1f / 6));
            p = p.fma(r, FloatVector.broadcast(FLOAT, 0.5f));
            p = p.fma(r, FloatVector.broadcast(FLOAT, 1f));
            p = p.fma(r, FloatVector.broadcast(FLOAT, 1f));
            FloatVector weight = p.reinterpretAsInts()
                    .add(shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
                    .reinterpretAsFloats();
            sum = sum.add(weight);
            weight.intoArray(scores, j * LANES);
        }
        FloatVector.broadcast(FLOAT, 1f).div(sum).intoArray(inverse, 0);
    }

    /** Taylor polynomial of degree 6 on [−ln2/2, ln2/2], scaled by 2ⁿ through the exponent's bits. */
    public static FloatVector of(FloatVector x) {
        FloatVector bounded = x.max(SMALLEST);
        FloatVector shifted = bounded.fma(
                FloatVector.broadcast(Species.FLOAT, LOG2_E), FloatVector.broadcast(Species.FLOAT, ROUNDING));
        FloatVector n = shifted.sub(ROUNDING);
        FloatVector r = n.fma(FloatVector.broadcast(Species.FLOAT, -LN2_HIGH), bounded);
        r = n.fma(FloatVector.broadcast(Species.FLOAT, -LN2_LOW), r);
        FloatVector p = FloatVector.broadcast(Species.FLOAT, 1f / 720);
        p = p.fma(r, FloatVector.broadcast(Species.FLOAT, 1f / 120));
        p = p.fma(r, FloatVector.broadcast(Species.FLOAT, 1f / 24));
        p = p.fma(r, FloatVector.broadcast(Species.FLOAT, 1f / 6));
        p = p.fma(r, FloatVector.broadcast(Species.FLOAT, 0.5f));
        p = p.fma(r, FloatVector.broadcast(Species.FLOAT, 1f));
        p = p.fma(r, FloatVector.broadcast(Species.FLOAT, 1f));
        return p.reinterpretAsInts()
                .add(shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
                .reinterpretAsFloats();
    }
}
