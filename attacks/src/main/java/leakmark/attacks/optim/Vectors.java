package leakmark.attacks.optim;

import java.util.Arrays;

/**
 * Float32 vectors. Dot products run in 256 float32 lanes, so that the JIT compiler vectorises them, and add the lanes in
 * float64: a lane sums n/256 products, 13 of a 32×32 colour image, so the relative error stays under 16·2⁻²⁴ of Σ|aᵢbᵢ|.
 * Longer vectors add their lanes every 4096 values.
 */
final class Vectors {
    private static final int LANES = 256;
    private static final int FLUSH = 16 * LANES;

    private Vectors() {}

    /** Room for {@link #dot}'s lanes; one a search, so that nothing is allocated on the way. */
    static float[] lanes() {
        return new float[LANES];
    }

    /** aᵀb. */
    static double dot(float[] a, float[] b, float[] lanes) {
        int n = a.length;
        double sum = 0;
        for (int from = 0; from < n; from += FLUSH) {
            int to = Math.min(n, from + FLUSH);
            Arrays.fill(lanes, 0);
            int i = from;
            for (; i + LANES <= to; i += LANES) {
                for (int l = 0; l < LANES; l++) {
                    lanes[l] += a[i + l] * b[i + l];
                }
            }
            for (int l = 0; l < to - i; l++) {
                lanes[l] += a[i + l] * b[i + l];
            }
            sum += total(lanes);
        }
        return sum;
    }

    /** {@code y += factor·x}, then yᵀnext, in one pass over y. */
    static double addScaledThenDot(float[] y, double factor, float[] x, float[] next, float[] lanes) {
        float f = (float) factor;
        int n = y.length;
        double sum = 0;
        for (int from = 0; from < n; from += FLUSH) {
            int to = Math.min(n, from + FLUSH);
            Arrays.fill(lanes, 0);
            int i = from;
            for (; i + LANES <= to; i += LANES) {
                for (int l = 0; l < LANES; l++) {
                    float value = y[i + l] + f * x[i + l];
                    y[i + l] = value;
                    lanes[l] += value * next[i + l];
                }
            }
            for (int l = 0; l < to - i; l++) {
                float value = y[i + l] + f * x[i + l];
                y[i + l] = value;
                lanes[l] += value * next[i + l];
            }
            sum += total(lanes);
        }
        return sum;
    }

    private static double total(float[] lanes) {
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        for (int l = 0; l < LANES; l += 4) {
            s0 += lanes[l];
            s1 += lanes[l + 1];
            s2 += lanes[l + 2];
            s3 += lanes[l + 3];
        }
        return (s0 + s1) + (s2 + s3);
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
