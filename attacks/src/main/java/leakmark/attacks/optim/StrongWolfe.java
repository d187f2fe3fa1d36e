package leakmark.attacks.optim;

/**
 * A line search for {@code φ(t) = f(x + t·d)} with the strong Wolfe conditions
 * {@code φ(t) ≤ φ(0) + c₁·t·φ'(0)} and {@code |φ'(t)| ≤ c₂·|φ'(0)|}, c₁ = 1e-4, c₂ = 0.9 (Nocedal and Wright, Numerical
 * Optimization, 2nd edition, algorithms 3.5 and 3.6, with cubic interpolation). It asks for one t at a time.
 *
 * <p>Of all t tried it keeps the lowest that satisfies the first condition; the caller keeps the gradient that belongs to
 * it, see {@link #lowIsTrial()}. Where φ is not finite, t counts as too far.
 */
final class StrongWolfe {
    private static final double DECREASE = 1e-4;
    private static final double CURVATURE = 0.9;
    private static final int MOST_TRIALS = 25;

    private double startLoss;
    private double startSlope;
    private double shortest;

    private double lowStep;
    private double lowLoss;
    private double lowSlope;
    private double highStep;
    private double highLoss;
    private double highSlope;
    private boolean bracketed;
    private boolean lowIsTrial;
    private double trial;
    private int trials;

    /**
     * Starts.
     *
     * @param loss φ(0)
     * @param slope φ'(0), negative
     * @param step the first t, positive
     * @param least a bracket narrower than this is left as it is
     */
    void start(double loss, double slope, double step, double least) {
        startLoss = loss;
        startSlope = slope;
        shortest = least;
        lowStep = 0;
        lowLoss = loss;
        lowSlope = slope;
        highStep = Double.POSITIVE_INFINITY;
        bracketed = false;
        trial = step;
        trials = 0;
    }

    /** The t wanted next. */
    double trial() {
        return trial;
    }

    /** The best t so far; 0 if none was better than the start. */
    double lowStep() {
        return lowStep;
    }

    /** φ there. */
    double lowLoss() {
        return lowLoss;
    }

    /** True if the t just told has become the best one. */
    boolean lowIsTrial() {
        return lowIsTrial;
    }

    /**
     * Takes φ and φ' at {@link #trial()}.
     *
     * @return true when the search is over and {@link #lowStep()} its result
     */
    boolean tell(double loss, double slope) {
        trials++;
        lowIsTrial = false;
        boolean finite = Double.isFinite(loss) && Double.isFinite(slope);
        boolean tooHigh = loss > startLoss + DECREASE * trial * startSlope;
        boolean worse = (bracketed || lowStep > 0) && loss >= lowLoss;
        if (!finite || tooHigh || worse) {
            high(trial, finite ? loss : Double.POSITIVE_INFINITY, slope);
        } else {
            double before = lowStep;
            double beforeLoss = lowLoss;
            double beforeSlope = lowSlope;
            low(trial, loss, slope);
            if (Math.abs(slope) <= -CURVATURE * startSlope) {
                return true;
            }
            if (bracketed ? slope * (highStep - trial) >= 0 : slope >= 0) {
                high(before, beforeLoss, beforeSlope);
            } else if (!bracketed) {
                trial = extrapolated(before, beforeLoss, beforeSlope);
                return trials >= MOST_TRIALS;
            }
        }
        trial = interpolated();
        return trials >= MOST_TRIALS || Math.abs(highStep - lowStep) < shortest;
    }

    private void low(double step, double loss, double slope) {
        lowStep = step;
        lowLoss = loss;
        lowSlope = slope;
        lowIsTrial = true;
    }

    private void high(double step, double loss, double slope) {
        highStep = step;
        highLoss = loss;
        highSlope = slope;
        bracketed = true;
    }

    /** Beyond the low end, away from the end before it: 1 % to ten-fold of their distance farther. */
    private double extrapolated(double before, double beforeLoss, double beforeSlope) {
        double distance = lowStep - before;
        double least = lowStep + 0.01 * distance;
        double most = lowStep + 9 * distance;
        double cubic = minimum(before, beforeLoss, beforeSlope, lowStep, lowLoss, lowSlope);
        return cubic > lowStep ? Math.min(Math.max(cubic, least), most) : most;
    }

    /** Inside the bracket, at least a tenth of its width from both ends. */
    private double interpolated() {
        double left = Math.min(lowStep, highStep);
        double width = Math.abs(highStep - lowStep);
        if (highLoss == Double.POSITIVE_INFINITY) {
            return left + 0.1 * width;
        }
        double cubic = minimum(lowStep, lowLoss, lowSlope, highStep, highLoss, highSlope);
        return cubic >= left && cubic <= left + width
                ? Math.min(Math.max(cubic, left + 0.1 * width), left + 0.9 * width)
                : left + 0.5 * width;
    }

    /** Minimum of the cubic with the given values and slopes at a and b; NaN if it has none. */
    private static double minimum(double a, double fa, double sa, double b, double fb, double sb) {
        double d1 = sa + sb - 3 * (fa - fb) / (a - b);
        double radicand = d1 * d1 - sa * sb;
        double d2 = Math.copySign(Math.sqrt(radicand), b - a);
        return b - (b - a) * ((sb + d2 - d1) / (sb - sa + 2 * d2));
    }
}
