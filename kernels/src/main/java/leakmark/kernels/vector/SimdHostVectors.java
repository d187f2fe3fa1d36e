package leakmark.kernels.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import leakmark.kernels.HostVectors;

/**
 * SIMD with several sums side by side; every 4096 values they are added up in float64, so that a lane sums at most 128
 * products on 16 lanes.
 *
 * <p>Ladder, the 100 passes of an L-BFGS direction of 50 pairs, n = 3082, one busy core: plain loops over an array of 256
 * sums 0.80 ms (the JIT compiler does not vectorise them: stores to one array may alias loads from another), this 0.15 ms.
 */
public final class SimdHostVectors implements HostVectors {
    private static final VectorSpecies<Float> FLOAT = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = FLOAT.length();
    private static final int BLOCK = 4096;

    @Override
    public double dot(float[] a, float[] b) {
        double sum = 0;
        for (int from = 0; from < a.length; from += BLOCK) {
            sum += dot(a, b, from, Math.min(a.length, from + BLOCK));
        }
        return sum;
    }

    private static double dot(float[] a, float[] b, int from, int to) {
        FloatVector s0 = FloatVector.zero(FLOAT);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        int i = from;
        for (; i <= to - 4 * LANES; i += 4 * LANES) {
            s0 = FloatVector.fromArray(FLOAT, a, i).fma(FloatVector.fromArray(FLOAT, b, i), s0);
            s1 = FloatVector.fromArray(FLOAT, a, i + LANES).fma(FloatVector.fromArray(FLOAT, b, i + LANES), s1);
            s2 = FloatVector.fromArray(FLOAT, a, i + 2 * LANES).fma(FloatVector.fromArray(FLOAT, b, i + 2 * LANES), s2);
            s3 = FloatVector.fromArray(FLOAT, a, i + 3 * LANES).fma(FloatVector.fromArray(FLOAT, b, i + 3 * LANES), s3);
        }
        float[] lanes = LaneSums.floats();
        s0.add(s1).add(s2.add(s3)).intoArray(lanes, 0);
        double sum = LaneSums.sum(lanes, 0);
        for (; i < to; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }

    @Override
    public double addScaledThenDot(float[] y, float factor, float[] x, float[] next) {
        double sum = 0;
        for (int from = 0; from < y.length; from += BLOCK) {
            sum += addScaledThenDot(y, factor, x, next, from, Math.min(y.length, from + BLOCK));
        }
        return sum;
    }

    private static double addScaledThenDot(float[] y, float factor, float[] x, float[] next, int from, int to) {
        FloatVector f = FloatVector.broadcast(FLOAT, factor);
        FloatVector s0 = FloatVector.zero(FLOAT);
        FloatVector s1 = s0;
        int i = from;
        for (; i <= to - 2 * LANES; i += 2 * LANES) {
            FloatVector y0 = FloatVector.fromArray(FLOAT, x, i).fma(f, FloatVector.fromArray(FLOAT, y, i));
            FloatVector y1 =
                    FloatVector.fromArray(FLOAT, x, i + LANES).fma(f, FloatVector.fromArray(FLOAT, y, i + LANES));
            y0.intoArray(y, i);
            y1.intoArray(y, i + LANES);
            s0 = y0.fma(FloatVector.fromArray(FLOAT, next, i), s0);
            s1 = y1.fma(FloatVector.fromArray(FLOAT, next, i + LANES), s1);
        }
        float[] lanes = LaneSums.floats();
        s0.add(s1).intoArray(lanes, 0);
        double sum = LaneSums.sum(lanes, 0);
        for (; i < to; i++) {
            y[i] = Math.fma(factor, x[i], y[i]);
            sum += (double) y[i] * next[i];
        }
        return sum;
    }
}
