package leakmark.attacks.optim;

import leakmark.kernels.HostVectors;

/** Float32 vectors; products in SIMD where it runs. */
final class Vectors {
    private static final HostVectors HOST = HostVectors.best();

    private Vectors() {}

    /** aᵀb. */
    static double dot(float[] a, float[] b) {
        return HOST.dot(a, b);
    }

    /** {@code y += factor·x}, then yᵀnext, in one pass over y. */
    static double addScaledThenDot(float[] y, double factor, float[] x, float[] next) {
        return HOST.addScaledThenDot(y, (float) factor, x, next);
    }

    /** {@code y += factor·x}. */
    static void addScaled(float[] y, double factor, float[] x) {
        float f = (float) factor;
        for (int i = 0; i < y.length; i++) {
            y[i] += f * x[i];
        }
    }

    /** {@code y *= factor}. */
    static void scale(float[] y, double factor) {
        float f = (float) factor;
        for (int i = 0; i < y.length; i++) {
            y[i] *= f;
        }
    }

    /** {@code y = x + factor·d}. */
    static void step(float[] y, float[] x, double factor, float[] d) {
        float f = (float) factor;
        for (int i = 0; i < y.length; i++) {
            y[i] = x[i] + f * d[i];
        }
    }

    /** {@code y = a − b}. */
    static void subtract(float[] y, float[] a, float[] b) {
        for (int i = 0; i < y.length; i++) {
            y[i] = a[i] - b[i];
        }
    }

    /** {@code y = −x}. */
    static void negate(float[] y, float[] x) {
        for (int i = 0; i < y.length; i++) {
            y[i] = -x[i];
        }
    }

    static void copy(float[] to, float[] from) {
        System.arraycopy(from, 0, to, 0, from.length);
    }

    /** Largest magnitude. */
    static double largest(float[] x) {
        float largest = 0;
        for (float value : x) {
            largest = Math.max(largest, Math.abs(value));
        }
        return largest;
    }

    /** Sum of magnitudes. */
    static double sumOfMagnitudes(float[] x) {
        double sum = 0;
        for (float value : x) {
            sum += Math.abs(value);
        }
        return sum;
    }

    /** True if every value is finite. */
    static boolean isFinite(float[] x) {
        // 0·v is 0 for finite v and NaN for all others; NaN survives the sum.
        float sum = 0;
        for (float value : x) {
            sum += 0 * value;
        }
        return sum == 0;
    }
}
