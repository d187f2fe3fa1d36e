package leakmark.attacks.dager;

import leakmark.kernels.RowSpace;

/**
 * Where to cut between members of a row space and all other vectors, from the data alone.
 *
 * <p>A member's distance, relative to its length, comes from the noise in the space's weak directions: at most about half
 * the noise-to-signal ratio η of the weakest (measured: 0.02 to 0.25 η over batches to 32 × 20 and weights of std 0.02 to
 * 0.1). The nearest of N other vectors, seen through k coordinates, lies at about {@code N^(−1/k)} of where they typically
 * lie. The cut is the geometric mean of the two levels; where they meet, it is where the others begin, and the next test
 * decides.
 */
public final class Separation {
    private Separation() {}

    /** Highest distance of a member, relative to its length; never above where the others begin. */
    static double ofMembers(RowSpace space, double others) {
        return Math.min(space.decision().noiseToSignal() / 2, others);
    }

    /** The cut between members and others that begin at {@code others}, relative to a vector's length. */
    public static double cut(RowSpace space, double others) {
        return Math.sqrt(ofMembers(space, others) * others);
    }

    /** Distance of a random vector, relative to its length: √(1 − r/d). */
    static double ofRandomVectors(RowSpace space) {
        return Math.sqrt(Math.max(1.0 - (double) space.rank() / space.dimension(), 1.0 / space.dimension()));
    }

    /**
     * How near wrong tokens behind a right prefix come: they share most of the attention output with members. Measured:
     * 0.05 to 0.3 of a random vector's distance at the nearest, over lengths to 32.
     */
    static double ofWrongTokens(RowSpace space) {
        return 0.05 * ofRandomVectors(space);
    }

    /** How near wrong tokens come at layer 2 in the middle: only the few that pass the attention test get there. */
    public static double ofWrongTokensAtLayer2(RowSpace space) {
        return 0.25 * ofRandomVectors(space);
    }

    /** The nearest of {@code tried} vectors seen through k coordinates, as a part of the typical distance. */
    static double nearest(double tried, int coordinates) {
        return Math.pow(Math.max(tried, 1), -1.0 / coordinates);
    }
}
