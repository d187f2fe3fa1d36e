package leakmark.attacks.dager;

import leakmark.kernels.RowSpace;

/**
 * Where to cut between members of a row space and all other vectors, from the data alone.
 *
 * <p>A member's distance is at most the noise-to-signal ratio η of the space's weakest direction. Other vectors lie about
 * as far as random ones; the nearest of N of them, seen through k coordinates, at about {@code N^(−1/k)} of that. The cut is
 * the geometric mean of the two levels.
 */
final class Separation {
    private Separation() {}

    /** The cut, for distances whose level among non-members is {@code typical}. */
    static double cut(RowSpace space, double typical, double tried, int coordinates) {
        return typical * Math.sqrt(ratio(space, tried, coordinates));
    }

    /** {@code η · N^(−1/k)}: the square of the cut, relative to the level of non-members. */
    static double ratio(RowSpace space, double tried, int coordinates) {
        return space.decision().noiseToSignal() * Math.pow(Math.max(tried, 1), -1.0 / coordinates);
    }

    /** Distance of a random unit vector from the space: √(1 − r/d). */
    static double ofRandomVector(RowSpace space) {
        return Math.sqrt(Math.max(1.0 - (double) space.rank() / space.dimension(), 1.0 / space.dimension()));
    }
}
