package leakmark.kernels.vector.matching;

import static leakmark.kernels.vector.Species.FLOAT;
import static leakmark.kernels.vector.Species.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import leakmark.kernels.matching.Layer.Activation;
import leakmark.kernels.vector.Exponential;

/** Activations: forward stores f' and f'' of every value, the other passes only multiply. */
abstract class VectorActivation extends VectorLayer {
    final int size;
    final float[] y;
    final float[] slope;
    final float[] curvature;
    private final float[] yDot;
    private final float[] dx;
    private final float[] dxDot;
    private float[] xDot = {};
    private float[] dy = {};

    VectorActivation(int size) {
        this.size = size;
        y = new float[size];
        slope = new float[size];
        curvature = new float[size];
        yDot = new float[size];
        dx = new float[size];
        dxDot = new float[size];
    }

    static VectorActivation of(Activation function, int size) {
        return switch (function) {
            case SIGMOID -> new Sigmoid(size);
            case TANH -> new HyperbolicTangent(size);
            case RELU -> new Rectifier(size);
            case GELU -> new VectorGelu.Exact(size);
            case GELU_TANH -> new VectorGelu.ByTangent(size);
        };
    }

    @Override
    float[] backward(float[] outputGradient, float[] g) {
        dy = outputGradient;
        for (int i = 0; i < size; i += LANES) {
            FloatVector.fromArray(FLOAT, slope, i)
                    .mul(FloatVector.fromArray(FLOAT, dy, i))
                    .intoArray(dx, i);
        }
        return dx;
    }

    @Override
    float[] tangentForward(float[] tangent, float[] u) {
        xDot = tangent;
        for (int i = 0; i < size; i += LANES) {
            FloatVector.fromArray(FLOAT, slope, i)
                    .mul(FloatVector.fromArray(FLOAT, xDot, i))
                    .intoArray(yDot, i);
        }
        return yDot;
    }

    @Override
    float[] tangentBackward(float[] dyDot, float[] u) {
        for (int i = 0; i < size; i += LANES) {
            FloatVector second = FloatVector.fromArray(FLOAT, curvature, i)
                    .mul(FloatVector.fromArray(FLOAT, xDot, i))
                    .mul(FloatVector.fromArray(FLOAT, dy, i));
            FloatVector.fromArray(FLOAT, slope, i)
                    .fma(FloatVector.fromArray(FLOAT, dyDot, i), second)
                    .intoArray(dxDot, i);
        }
        return dxDot;
    }

    /** {@code 1/(1 + e^−x)}, from {@code e = e^−|x|}: e/(1 + e) where x is negative. */
    static FloatVector sigmoid(FloatVector x) {
        FloatVector e = Exponential.of(x.abs().neg());
        VectorMask<Float> negative = x.compare(VectorOperators.LT, 0);
        return FloatVector.broadcast(FLOAT, 1).blend(e, negative).div(e.add(1));
    }

    /** {@code 2·sigmoid(2x) − 1}, which near 0 is exact to an absolute 2⁻²⁴ only. */
    static FloatVector tanh(FloatVector x) {
        return sigmoid(x.add(x)).mul(2).sub(1);
    }

    private static final class Sigmoid extends VectorActivation {
        Sigmoid(int size) {
            super(size);
        }

        @Override
        float[] forward(float[] x) {
            for (int i = 0; i < size; i += LANES) {
                FloatVector s = sigmoid(FloatVector.fromArray(FLOAT, x, i));
                FloatVector first = s.mul(FloatVector.broadcast(FLOAT, 1).sub(s));
                s.intoArray(y, i);
                first.intoArray(slope, i);
                first.mul(FloatVector.broadcast(FLOAT, 1).sub(s.add(s))).intoArray(curvature, i);
            }
            return y;
        }
    }

    private static final class HyperbolicTangent extends VectorActivation {
        HyperbolicTangent(int size) {
            super(size);
        }

        @Override
        float[] forward(float[] x) {
            for (int i = 0; i < size; i += LANES) {
                FloatVector t = tanh(FloatVector.fromArray(FLOAT, x, i));
                FloatVector first = FloatVector.broadcast(FLOAT, 1).sub(t.mul(t));
                t.intoArray(y, i);
                first.intoArray(slope, i);
                t.mul(first).mul(-2).intoArray(curvature, i);
            }
            return y;
        }
    }

    /** The curvature stays 0. */
    private static final class Rectifier extends VectorActivation {
        Rectifier(int size) {
            super(size);
        }

        @Override
        float[] forward(float[] x) {
            FloatVector zero = FloatVector.zero(FLOAT);
            FloatVector one = FloatVector.broadcast(FLOAT, 1);
            for (int i = 0; i < size; i += LANES) {
                FloatVector v = FloatVector.fromArray(FLOAT, x, i);
                VectorMask<Float> positive = v.compare(VectorOperators.GT, 0);
                zero.blend(v, positive).intoArray(y, i);
                zero.blend(one, positive).intoArray(slope, i);
            }
            return y;
        }
    }
}
