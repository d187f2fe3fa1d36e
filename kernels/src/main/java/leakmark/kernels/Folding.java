package leakmark.kernels;

import java.util.SplittableRandom;

/**
 * The fold of m columns into s: column j is added with a random sign to the mixture {@code place[j mod s]}. One pass over a
 * matrix, and its column space stays as long as its rank is under s. All providers fold alike, so that they see the same
 * pivots.
 *
 * @param signs 1 or −1 for each of m columns
 * @param place a random order of the s mixtures
 */
public record Folding(float[] signs, int[] place) {
    private static final long SEED = 0x5851F42D4C957F2DL;

    /** The fold of m columns into s. */
    public static Folding of(int m, int s) {
        SplittableRandom random = new SplittableRandom(SEED);
        float[] signs = new float[m];
        for (int j = 0; j < m; j++) {
            signs[j] = random.nextBoolean() ? 1 : -1;
        }
        int[] place = new int[s];
        for (int b = 0; b < s; b++) {
            int other = random.nextInt(b + 1);
            place[b] = place[other];
            place[other] = b;
        }
        return new Folding(signs, place);
    }
}
