package leakmark.kernels.matching;

/**
 * Whole attacks where their gradients are matched, the optimiser included: L-BFGS with a strong Wolfe line search on
 * {@code D(g'(x, l), g)}, all attacks side by side. The host starts them, lets them go on, and asks what came of them.
 */
public interface ResidentInversion {
    /**
     * How attacks search.
     *
     * @param history pairs of step and gradient difference kept, 1 to 128
     * @param iterations an attack ends after as many accepted steps
     * @param inputScale x is this times its variables
     * @param labelsKnown true if l is given; false if it is searched with x
     */
    record Rule(int history, int iterations, double inputScale, boolean labelsKnown) {
        /** Most pairs of step and gradient difference. */
        public static final int MOST_HISTORY = 128;

        public Rule {
            if (history < 1 || history > MOST_HISTORY) {
                throw new IllegalArgumentException(
                        "L-BFGS on the device keeps 1 to " + MOST_HISTORY + " pairs, not " + history);
            }
        }
    }

    /** Whether an attack goes on, or why it ended. */
    enum Status {
        RUNNING,
        /** The distance fell to the wanted level. */
        CONVERGED,
        /** No descent is left that float32 can see. */
        STALLED,
        /** All iterations were used. */
        EXHAUSTED,
        /** The distance or its gradient became NaN or infinite. */
        NOT_FINITE
    }

    /**
     * Prepares; all memory is taken here.
     *
     * @param parameters W, in the order of {@link Network#parameterShapes}; copied
     * @param attacks how many
     * @param images n of each attack
     * @throws IllegalArgumentException if the parameters do not fit the network, or a count is not positive
     */
    Attacks open(Network network, float[] parameters, int attacks, int images, Distance distance, Rule rule);

    /** How many attacks the device has memory for; at least 1. */
    int attacksThatFit(Network network, int images, Rule rule);

    /** Attacks on one network. Used by one thread at a time. */
    interface Attacks extends AutoCloseable {
        /** Variables of an attack: n × input, then n × classes unless labels are known. */
        int variables();

        /**
         * Starts an attack; each once, before {@link #advance}.
         *
         * @param gradient g, one value a parameter
         * @param variables where it begins
         * @param labelLogits l, n × classes, where labels are known; else empty
         * @param wanted it ends when its distance is at most this
         */
        void start(int attack, float[] gradient, float[] variables, float[] labelLogits, double wanted);

        /**
         * Lets every running attack evaluate so many more times.
         *
         * @return how many still run
         */
        int advance(int evaluations);

        /** State after the last {@link #advance}. */
        Status status(int attack);

        /** Least distance seen; infinite if none was finite. */
        double distance(int attack);

        /** Steps accepted. */
        int iterations(int attack);

        /** Evaluations. */
        int evaluations(int attack);

        /** Reads the variables with the least distance. */
        void best(int attack, float[] variables);

        @Override
        void close();
    }
}
