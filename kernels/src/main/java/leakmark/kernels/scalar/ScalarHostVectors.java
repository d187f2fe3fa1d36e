package leakmark.kernels.scalar;

import leakmark.kernels.HostVectors;

/** Plain loops with float64 sums. */
public final class ScalarHostVectors implements HostVectors {
    @Override
    public double dot(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }

    @Override
    public double addScaledThenDot(float[] y, float factor, float[] x, float[] next) {
        double sum = 0;
        for (int i = 0; i < y.length; i++) {
            y[i] = Math.fma(factor, x[i], y[i]);
            sum += (double) y[i] * next[i];
        }
        return sum;
    }
}
