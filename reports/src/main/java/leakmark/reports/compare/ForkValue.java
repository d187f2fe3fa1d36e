package leakmark.reports.compare;

import java.util.List;
import java.util.stream.IntStream;
import leakmark.reports.result.Result.Better;

/** What a fork, or two forks that measured in turn, are worth: one value for a round. */
public final class ForkValue {
    private ForkValue() {}

    /**
     * The smallest time, or the largest rate: what else runs on a machine only ever adds time (Chen and Revels 2016, Robust
     * benchmarking in noisy environments). For what is shown; sides are compared by {@link #ratio}.
     *
     * @param iterations at least one
     */
    public static double of(List<Double> iterations, Better better) {
        return iterations.stream()
                .reduce(better == Better.LOWER ? Math::min : Math::max)
                .orElseThrow(() -> new IllegalArgumentException("a fork needs at least one iteration"));
    }

    /**
     * Head over base, of two forks whose iterations took turns: the median over head's iterations of head over what base has
     * around it, interpolated on a logarithmic scale, and the same with the sides changed; the mean of both. A machine's bursts
     * last longer than a turn and cancel, a drift cancels too, and spikes of less than a quarter of the iterations do not move a
     * median far. Turning the sides turns the ratio, {@code ratio(b, h, o)·ratio(h, b, −o) = 1}: times err upwards only, and more of
     * them do so in a mean of two, so that equal code with one side interpolated differed by 0.7 %.
     *
     * @param base iterations of base, at least one
     * @param head as many of head
     * @param offset by what part of a cycle head's turn comes after base's; negative if it comes before
     */
    public static double ratio(List<Double> base, List<Double> head, double offset) {
        int n = base.size();
        if (n == 0 || head.size() != n || !(Math.abs(offset) < 1)) {
            throw new IllegalArgumentException(
                    n + " and " + head.size() + " iterations a cycle's " + offset + " apart are no turns");
        }
        return Math.exp((medianLog(base, head, offset) - medianLog(head, base, -offset)) / 2);
    }

    /** Median of {@code log to_i − log from(i)}, from interpolated to the turns of to, but for the one beyond from's own. */
    private static double medianLog(List<Double> from, List<Double> to, double offset) {
        int n = from.size();
        int step = (int) Math.signum(offset);
        double part = Math.abs(offset);
        double[] logs = IntStream.range(0, n)
                .mapToDouble(i -> Math.log(to.get(i))
                        - (1 - part) * Math.log(from.get(i))
                        - part * Math.log(from.get(Math.min(n - 1, Math.max(0, i + step)))))
                .sorted()
                .toArray();
        return (logs[(n - 1) / 2] + logs[n / 2]) / 2;
    }
}
