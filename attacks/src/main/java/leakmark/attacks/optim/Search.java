package leakmark.attacks.optim;

import org.jspecify.annotations.Nullable;

/** One attack's way to a minimum: asks for a point, is told the function there, and so on. One thread at a time. */
interface Search {
    /** Where the function is wanted next; the search's own array, to be read before {@link #tell}. */
    float[] point();

    /**
     * Takes the function at {@link #point()}.
     *
     * @param loss its value, finite
     * @param gradient its gradient, finite; the search may keep the array's values, not the array
     * @return null to go on, else why the search ends
     */
    @Nullable
    Ending tell(double loss, float[] gradient);

    /** Takes that there is no finite function at {@link #point()}: the end, for a search without a shorter step to try. */
    default @Nullable Ending tellNotFinite() {
        return Ending.NOT_FINITE;
    }

    /** Steps accepted so far. */
    int iterations();
}
