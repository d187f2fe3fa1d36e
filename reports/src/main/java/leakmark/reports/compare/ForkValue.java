package leakmark.reports.compare;

import java.util.List;
import leakmark.reports.result.Result.Better;

/**
 * One value for a fork: its best iteration. What else runs on a machine only ever adds time, in bursts that may outlast half
 * of a fork and so move its median; the minimum is the robust estimate of the time of the code itself (Chen and Revels 2016,
 * Robust benchmarking in noisy environments). It does not see what slows some iterations only, such as a rare collection.
 */
public final class ForkValue {
    private ForkValue() {}

    /**
     * The smallest time, or the largest rate.
     *
     * @param iterations at least one
     */
    public static double of(List<Double> iterations, Better better) {
        return iterations.stream()
                .reduce(better == Better.LOWER ? Math::min : Math::max)
                .orElseThrow(() -> new IllegalArgumentException("a fork needs at least one iteration"));
    }
}
