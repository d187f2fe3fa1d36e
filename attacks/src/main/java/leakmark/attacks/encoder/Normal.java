package leakmark.attacks.encoder;

/** The standard normal distribution. */
final class Normal {
    /** Beyond this, Φ is 0 or 1 in float64. */
    private static final double FAR = 38;

    /** The table's reach and steps to a unit. A layer of BERT asks 3072 values a token. */
    private static final int REACH = 9;

    private static final int STEPS = 64;
    private static final double[] CUMULATIVE = new double[2 * REACH * STEPS + 1];
    private static final double[] DENSITY = new double[CUMULATIVE.length];

    static {
        for (int i = 0; i < CUMULATIVE.length; i++) {
            double x = (double) i / STEPS - REACH;
            CUMULATIVE[i] = expanded(x);
            DENSITY[i] = density(x);
        }
    }

    private Normal() {}

    /**
     * Φ(x): a Taylor polynomial about the nearest point of a table. With h ≤ 1/128 its seventh term is under 1e-17 φ(x).
     */
    static double cumulative(double x) {
        if (!(Math.abs(x) < REACH)) {
            return expanded(x);
        }
        int i = (int) ((x + REACH) * STEPS + 0.5);
        double a = (double) i / STEPS - REACH;
        double h = x - a;
        double b = a * a;
        // Derivatives of φ are φ times Hermite polynomials of alternating sign.
        double series = 1 / 120.0 * (3 + b * (b - 6)) - h / 720 * a * (15 + b * (b - 10));
        series = a * (3 - b) / 24 + h * series;
        series = (b - 1) / 6 + h * series;
        series = -a / 2 + h * series;
        return CUMULATIVE[i] + DENSITY[i] * h * (1 + h * series);
    }

    private static double density(double x) {
        return Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
    }

    /** The power series {@code φ(x) Σ x^(2k+1)/(2k+1)!!} near 0, a continued fraction in the tails. */
    private static double expanded(double x) {
        if (!(Math.abs(x) < FAR)) {
            return x > 0 ? 1 : x < 0 ? 0 : Double.NaN;
        }
        if (Math.abs(x) < 4) {
            double term = x;
            double sum = x;
            for (int k = 3; Math.abs(term) > 1e-17 * Math.abs(sum); k += 2) {
                term *= x * x / k;
                sum += term;
            }
            return 0.5 + density(x) * sum;
        }
        // Q(x) = φ(x) / (x + 1/(x + 2/(x + 3/(x + ...)))), from the inside out.
        double z = Math.abs(x);
        double fraction = z;
        for (int k = 40; k >= 1; k--) {
            fraction = z + k / fraction;
        }
        double tail = density(x) / fraction;
        return x > 0 ? 1 - tail : tail;
    }
}
