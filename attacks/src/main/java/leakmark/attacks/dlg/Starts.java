package leakmark.attacks.dlg;

import java.util.Random;

/** Where dummy batches begin: every value N(0, 1), as published. */
public final class Starts {
    private Starts() {}

    /**
     * A start.
     *
     * @param seed of the attack
     * @param restart 0 for the first
     * @param variables how many values
     */
    public static float[] of(long seed, int restart, int variables) {
        Random random = new Random(seed * 0x9E3779B97F4A7C15L + restart);
        float[] start = new float[variables];
        for (int i = 0; i < variables; i++) {
            start[i] = (float) random.nextGaussian();
        }
        return start;
    }
}
