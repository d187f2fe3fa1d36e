package leakmark.attacks.optim;

/** Why a search ended. */
public enum Ending {
    /** The loss fell to the wanted level. */
    CONVERGED,
    /** No descent is left that float32 can see: zero gradient, or steps and gains below their tolerances. */
    STALLED,
    /** All iterations were used. */
    EXHAUSTED,
    /** The loss or its gradient became NaN or infinite; the best state before it is kept. */
    NOT_FINITE,
    /** The caller asked for an end. */
    CANCELLED
}
