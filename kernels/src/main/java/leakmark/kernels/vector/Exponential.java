package leakmark.kernels.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** {@code exp} of non-positive floats, relative error under 3e-7. */
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
