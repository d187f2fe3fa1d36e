package leakmark.attacks.optim;

/** Functions of n variables, one for each attack, evaluated together. */
public interface Objective {
    /** n, the variables of one attack. */
    int variables();

    /**
     * Values and gradients of some of the functions.
     *
     * @param count how many
     * @param attacks whose function entry i asks for; {@code count} different values in use
     * @param points where, n variables each
     * @param losses receives the values; not finite where the function has none
     * @param gradients receives the gradients, n values each
     */
    void evaluate(int count, int[] attacks, float[][] points, double[] losses, float[][] gradients);
}
