package leakmark.kernels.matching;

/** The refusals every provider's {@link GradientMatching#open} shares. */
public final class OpenArguments {
    private OpenArguments() {}

    /**
     * Checks what {@link GradientMatching#open} is given.
     *
     * @throws IllegalArgumentException if it cannot work
     */
    public static void check(Network network, float[] parameters, int attacks, int images) {
        if (parameters.length != network.parameterCount()) {
            throw new IllegalArgumentException(
                    "the network has " + network.parameterCount() + " parameters, not " + parameters.length);
        }
        if (attacks < 1 || images < 1) {
            throw new IllegalArgumentException(
                    "gradient matching needs at least one attack and one image, not " + attacks + " and " + images);
        }
    }

    /**
     * Checks a target.
     *
     * @throws IllegalArgumentException if it does not fit the network
     */
    public static void checkTarget(Network network, float[] gradient) {
        if (gradient.length != network.parameterCount()) {
            throw new IllegalArgumentException("the gradient has " + gradient.length + " values, the network "
                    + network.parameterCount() + " parameters");
        }
    }
}
