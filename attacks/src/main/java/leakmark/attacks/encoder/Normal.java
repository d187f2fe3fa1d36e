package leakmark.attacks.encoder;

/** The standard normal distribution. */
final class Normal {
    /** Beyond this, Φ is 0 or 1 in float64. */
    private static final double FAR = 38;

    private Normal() {}

    /**
     * Φ(x), absolute error under 1e-15: the power series {@code φ(x) Σ x^(2k+1)/(2k+1)!!} near 0, a continued fraction in the tails.
     */
    static double cumulative(double x) {
        if (!(Math.abs(x) < FAR)) {
            return x > 0 ? 1 : x < 0 ? 0 : Double.NaN;
        }
        double density = Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
        if (Math.abs(x) < 4) {
            double term = x;
            double sum = x;
            for (int k = 3; Math.abs(term) > 1e-17 * Math.abs(sum); k += 2) {
                term *= x * x / k;
                sum += term;
            }
            return 0.5 + density * sum;
        }
        // Q(x) = φ(x) / (x + 1/(x + 2/(x + 3/(x + ...)))), from the inside out.
        double z = Math.abs(x);
        double fraction = z;
        for (int k = 40; k >= 1; k--) {
            fraction = z + k / fraction;
        }
        double tail = density / fraction;
        return x > 0 ? 1 - tail : tail;
    }
}
