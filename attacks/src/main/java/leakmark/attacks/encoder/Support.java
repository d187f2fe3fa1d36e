package leakmark.attacks.encoder;

import java.util.Arrays;

/** Where a support ends. */
final class Support {
    /** Under this, relative to the largest, all norms count as equal. */
    private static final double LEAST = 1e-8;

    private Support() {}

    /**
     * The middle of the widest step between falling norms, on a logarithmic scale.
     *
     * @param norms relative to the largest
     * @param most no support is larger: the number of equations
     * @param narrowest least ratio that counts as a step
     * @return the cut; infinite if there is no step
     */
    static double cut(double[] norms, int most, double narrowest) {
        double[] sorted = norms.clone();
        Arrays.sort(sorted);
        double widest = narrowest;
        double cut = Double.POSITIVE_INFINITY;
        for (int i = 1; i <= Math.min(most, sorted.length - 1); i++) {
            double above = Math.max(sorted[sorted.length - i], LEAST);
            double below = Math.max(sorted[sorted.length - i - 1], LEAST);
            if (above / below > widest) {
                widest = above / below;
                cut = Math.sqrt(above * below);
            }
        }
        return cut;
    }
}
