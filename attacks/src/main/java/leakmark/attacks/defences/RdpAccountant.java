package leakmark.attacks.defences;

import leakmark.attacks.AttackException;

/**
 * Rényi differential privacy of the sampled Gaussian mechanism (Mironov, Talwar, Zhang 2019), for whole orders α:
 *
 * <pre>  ε_RDP(α) = ln(Σ_k C(α,k) (1−q)^{α−k} q^k exp((k²−k)/(2z²))) / (α−1)        α/(2z²) for q = 1
 *  ε = min_α  T ε_RDP(α) + ln(1/δ)/(α−1)</pre>
 *
 * with noise multiplier z, sampling rate q and T steps.
 */
public final class RdpAccountant {
    private static final int LARGEST_ORDER = 512;

    /** The noisiest step {@link #noiseMultiplier} will suggest. */
    private static final double LARGEST_MULTIPLIER = 1e4;

    private RdpAccountant() {}

    /** The least ε at δ. */
    public static double epsilon(double noiseMultiplier, double samplingRate, long steps, double delta) {
        check(samplingRate > 0 && samplingRate <= 1, "the sampling rate is above 0 and at most 1", samplingRate);
        check(delta > 0 && delta < 1, "δ is between 0 and 1", delta);
        check(
                noiseMultiplier > 0 && Double.isFinite(noiseMultiplier),
                "a noise multiplier is positive",
                noiseMultiplier);
        double least = Double.POSITIVE_INFINITY;
        for (int order = 2; order <= LARGEST_ORDER; order++) {
            double epsilon = steps * renyi(order, noiseMultiplier, samplingRate) - Math.log(delta) / (order - 1);
            least = Math.min(least, epsilon);
        }
        return least;
    }

    /**
     * The least noise that keeps ε, to a part in a million.
     *
     * @throws AttackException if no noise does: ln(1/δ) over the largest order is a floor
     */
    public static double noiseMultiplier(double epsilon, double samplingRate, long steps, double delta) {
        check(epsilon > 0, "ε is positive", epsilon);
        double high = LARGEST_MULTIPLIER;
        double reachable = epsilon(high, samplingRate, steps, delta);
        if (!(reachable <= epsilon)) {
            throw new AttackException("ε = " + epsilon + " at δ = " + delta + " cannot be met: the least over " + steps
                    + " steps is " + reachable + "; allow more, or fewer steps");
        }
        double low = 1e-3;
        while (high / low > 1 + 1e-6) {
            double middle = Math.sqrt(low * high);
            if (epsilon(middle, samplingRate, steps, delta) <= epsilon) {
                high = middle;
            } else {
                low = middle;
            }
        }
        return high;
    }

    private static double renyi(int order, double z, double q) {
        if (q == 1) {
            return order / (2 * z * z);
        }
        double[] terms = new double[order + 1];
        double binomial = 0;
        double largest = Double.NEGATIVE_INFINITY;
        for (int k = 0; k <= order; k++) {
            terms[k] = binomial + (order - k) * Math.log1p(-q) + k * Math.log(q) + ((double) k * k - k) / (2 * z * z);
            largest = Math.max(largest, terms[k]);
            binomial += Math.log((double) (order - k) / (k + 1));
        }
        double sum = 0;
        for (double term : terms) {
            sum += Math.exp(term - largest);
        }
        return (largest + Math.log(sum)) / (order - 1);
    }

    private static void check(boolean fine, String rule, double given) {
        if (!fine) {
            throw new AttackException(rule + ", not " + given);
        }
    }
}
