package leakmark.attacks.model;

/**
 * Standard normal deviates by position: deviate i of a stream is Φ⁻¹(u_i), u_i the i-th output of SplitMix64 as a number
 * in (0, 1). No state, so any part of a stream can be computed alone. Only correctly rounded operations (+, -, ×, ÷, √)
 * and {@link StrictMath} are used: every machine gives the same bits.
 *
 * <p>Sources: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014; the rational approximation of
 * Φ⁻¹ is P. J. Acklam's, relative error below 1.15e-9.
 */
final class NormalDeviates {
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;
    private static final long FNV_OFFSET = 0xCBF29CE484222325L;
    private static final long FNV_PRIME = 0x100000001B3L;

    /** Below this probability, and above its complement, the tail's approximation holds. */
    private static final double TAIL = 0.02425;

    private static final int BLOCK = 512;

    private NormalDeviates() {}

    /** The stream of a seed and a name: SplitMix64's mix of the seed and the name's 64-bit FNV-1a hash. */
    static long stream(long seed, String name) {
        long hash = FNV_OFFSET;
        for (int i = 0; i < name.length(); i++) {
            hash = (hash ^ name.charAt(i)) * FNV_PRIME;
        }
        return mix(mix(seed + GOLDEN_GAMMA) ^ hash);
    }

    /** Writes {@code offset + scale·z_i} to {@code values[i]} for {@code from <= i < to}. */
    static void fill(long stream, double offset, double scale, float[] values, int from, int to) {
        double[] uniforms = new double[BLOCK];
        double[] deviates = new double[BLOCK];
        int start = from;
        while (start < to) {
            int count = Math.min(BLOCK, to - start);
            for (int i = 0; i < count; i++) {
                long bits = mix(stream + (start + i + 1L) * GOLDEN_GAMMA);
                // The middle of one of 2^52 equal cells: never 0, never 1.
                uniforms[i] = ((bits >>> 12) + 0.5) * 0x1p-52;
            }
            // Free of branches so that the JIT compiler vectorises it; 5 % of the results are then replaced.
            for (int i = 0; i < count; i++) {
                deviates[i] = central(uniforms[i]);
            }
            for (int i = 0; i < count; i++) {
                double p = uniforms[i];
                double deviate = p < TAIL || p > 1 - TAIL ? quantile(p) : deviates[i];
                values[start + i] = (float) (offset + scale * deviate);
            }
            start += count;
        }
    }

    /** Φ⁻¹(p) for 0 < p < 1. */
    static double quantile(double p) {
        if (p < TAIL) {
            return lowerTail(p);
        }
        return p > 1 - TAIL ? -lowerTail(1 - p) : central(p);
    }

    private static double central(double p) {
        double q = p - 0.5;
        double r = q * q;
        double numerator = ((((-3.969683028665376e+01 * r + 2.209460984245205e+02) * r - 2.759285104469687e+02) * r
                                                + 1.383577518672690e+02)
                                        * r
                                - 3.066479806614716e+01)
                        * r
                + 2.506628277459239e+00;
        double denominator = ((((-5.447609879822406e+01 * r + 1.615858368580409e+02) * r - 1.556989798598866e+02) * r
                                                + 6.680131188771972e+01)
                                        * r
                                - 1.328068155288572e+01)
                        * r
                + 1;
        return q * numerator / denominator;
    }

    private static double lowerTail(double p) {
        double q = Math.sqrt(-2 * StrictMath.log(p));
        double numerator = ((((-7.784894002430293e-03 * q - 3.223964580411365e-01) * q - 2.400758277161838e+00) * q
                                                - 2.549732539343734e+00)
                                        * q
                                + 4.374664141464968e+00)
                        * q
                + 2.938163982698783e+00;
        double denominator = (((7.784695709041462e-03 * q + 3.224671290700398e-01) * q + 2.445134137142996e+00) * q
                                + 3.754408661907416e+00)
                        * q
                + 1;
        return numerator / denominator;
    }

    /** SplitMix64's finaliser. */
    private static long mix(long z) {
        long a = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        long b = (a ^ (a >>> 27)) * 0x94D049BB133111EBL;
        return b ^ (b >>> 31);
    }
}
