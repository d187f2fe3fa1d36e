package leakmark.attacks.metrics;

import java.util.Collection;
import java.util.Locale;

/**
 * Attacks that recovered all, of all that were run: one good picture proves nothing.
 *
 * @param attacks independent attacks: seeds
 * @param recovered those with every image below {@link ImageScore#RECOVERED}
 */
public record SuccessRate(int attacks, int recovered) {
    /** Counts scores. */
    public static SuccessRate of(Collection<ImageScore> scores) {
        return new SuccessRate(scores.size(), (int)
                scores.stream().filter(ImageScore::recovered).count());
    }

    /** {@code recovered / attacks}. */
    public double rate() {
        return (double) recovered / attacks;
    }

    /** Wilson's 95 % interval of the rate: lower end. */
    public double low() {
        return bound(-1);
    }

    /** Wilson's 95 % interval of the rate: upper end. */
    public double high() {
        return bound(1);
    }

    private double bound(int side) {
        double z = 1.959964;
        double n = attacks;
        double centre = rate() + z * z / (2 * n);
        double half = z * Math.sqrt(rate() * (1 - rate()) / n + z * z / (4 * n * n));
        return Math.min(1, Math.max(0, (centre + side * half) / (1 + z * z / n)));
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%d of %d", recovered, attacks);
    }
}
