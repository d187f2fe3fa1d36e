package leakmark.kernels.vector.matching;

import static leakmark.kernels.vector.Species.FLOAT;
import static leakmark.kernels.vector.Species.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import leakmark.kernels.vector.Exponential;

/** The two GELUs. */
final class VectorGelu {
    private static final float CUBIC = 0.044715f;
    private static final float SCALE = (float) Math.sqrt(2 / Math.PI);
    private static final float DENSITY = (float) (1 / Math.sqrt(2 * Math.PI));
    private static final float ROOT_HALF = (float) Math.sqrt(0.5);

    private VectorGelu() {}

    /**
     * Φ(x) from the error function's rational approximation, Abramowitz and Stegun 7.1.26: absolute error under 1.5e-7,
     * near float's own at 1.
     */
    private static FloatVector mass(FloatVector x, FloatVector gaussian) {
        FloatVector t = FloatVector.broadcast(FLOAT, 1)
                .div(x.abs().mul(0.3275911f * ROOT_HALF).add(1));
        FloatVector p = t.mul(1.0614054f)
                .add(-1.4531521f)
                .mul(t)
                .add(1.4214138f)
                .mul(t)
                .add(-0.28449672f)
                .mul(t)
                .add(0.2548296f)
                .mul(t);
        FloatVector tail = p.mul(gaussian).mul(0.5f);
        VectorMask<Float> positive = x.compare(VectorOperators.GT, 0);
        return tail.blend(FloatVector.broadcast(FLOAT, 1).sub(tail), positive);
    }

    /** x Φ(x): f' = Φ + x φ, f'' = φ (2 − x²). */
    static final class Exact extends VectorActivation {
        Exact(int size) {
            super(size);
        }

        @Override
        float[] forward(float[] input) {
            for (int i = 0; i < size; i += LANES) {
                FloatVector x = FloatVector.fromArray(FLOAT, input, i);
                FloatVector square = x.mul(x);
                FloatVector gaussian = Exponential.of(square.mul(-0.5f));
                FloatVector mass = mass(x, gaussian);
                FloatVector density = gaussian.mul(DENSITY);
                x.mul(mass).intoArray(y, i);
                x.fma(density, mass).intoArray(slope, i);
                density.mul(FloatVector.broadcast(FLOAT, 2).sub(square)).intoArray(curvature, i);
            }
            return y;
        }
    }

    /** {@code x (1 + t)/2} with t = tanh(c(x + a x³)). */
    static final class ByTangent extends VectorActivation {
        ByTangent(int size) {
            super(size);
        }

        @Override
        float[] forward(float[] input) {
            for (int i = 0; i < size; i += LANES) {
                FloatVector x = FloatVector.fromArray(FLOAT, input, i);
                FloatVector square = x.mul(x);
                FloatVector t = tanh(x.mul(square.mul(CUBIC).add(1)).mul(SCALE));
                FloatVector inner = square.mul(3 * CUBIC).add(1).mul(SCALE);
                FloatVector rest = FloatVector.broadcast(FLOAT, 1).sub(t.mul(t));
                FloatVector t1 = rest.mul(inner);
                FloatVector t2 = rest.mul(x)
                        .mul(6 * SCALE * CUBIC)
                        .sub(t.mul(t1).mul(inner).mul(2));
                x.mul(t.add(1)).mul(0.5f).intoArray(y, i);
                x.fma(t1, t.add(1)).mul(0.5f).intoArray(slope, i);
                x.fma(t2, t1.add(t1)).mul(0.5f).intoArray(curvature, i);
            }
            return y;
        }
    }
}
