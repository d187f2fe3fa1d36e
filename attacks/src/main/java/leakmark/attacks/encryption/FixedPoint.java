package leakmark.attacks.encryption;

import leakmark.attacks.AttackException;

/**
 * Values from −range to range as whole numbers from {@code −2^(bits−1)} to {@code 2^(bits−1)}, rounded to nearest.
 *
 * @param bits 2 to 16
 * @param range positive; what is beyond is clipped
 */
public record FixedPoint(int bits, double range) {
    /** Most magnitudes of a sum that can be decrypted: each is an entry of a table. */
    private static final int LARGEST_SUM = 1 << 19;

    public FixedPoint {
        if (bits < 2 || bits > 16 || !(range > 0 && range < Double.POSITIVE_INFINITY)) {
            throw new AttackException(
                    "fixed point has 2 to 16 bits and a positive range, not " + bits + " and " + range);
        }
    }

    /**
     * Refuses sums of more values than can be decrypted.
     *
     * @throws AttackException with what to do
     */
    public static void requireRoom(int clients, int bits) {
        if (clients < 1 || (long) clients << (bits - 1) > LARGEST_SUM) {
            throw new AttackException("the sum of " + clients + " clients of " + bits + " bits has more than "
                    + LARGEST_SUM + " magnitudes, which cannot be decrypted here: use fewer bits or clients");
        }
    }

    /** The largest whole number of one value. */
    public int most() {
        return 1 << (bits - 1);
    }

    int[] of(float[] values) {
        int[] whole = new int[values.length];
        for (int i = 0; i < whole.length; i++) {
            whole[i] = (int) Math.rint(Math.max(-1, Math.min(1, values[i] / range)) * most());
        }
        return whole;
    }

    float[] values(int[] whole) {
        float[] values = new float[whole.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (whole[i] * range / most());
        }
        return values;
    }

    /** The sum of vectors of equal length, each rounded: what the holders of the key decrypt. */
    public float[] sum(Iterable<float[]> vectors) {
        int[] sum = new int[0];
        for (float[] vector : vectors) {
            int[] whole = of(vector);
            sum = sum.length == 0 ? new int[whole.length] : sum;
            for (int i = 0; i < whole.length; i++) {
                sum[i] += whole[i];
            }
        }
        return values(sum);
    }
}
