package leakmark.reports.history;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import leakmark.reports.result.Result;
import leakmark.reports.result.Result.Better;
import leakmark.reports.result.Result.Metric;
import leakmark.reports.result.Roof;
import leakmark.reports.statistics.EDivisive;

/**
 * One cell over time.
 *
 * @param key the cell
 * @param metric of its scores
 * @param normalised whether values are times in units of each machine's roofs
 * @param points by time
 * @param values one for each point, positive
 */
public record Timeline(Result.Key key, Metric metric, boolean normalised, List<Point> points, List<Double> values) {
    /** Changes smaller than this are no news: the tolerance of an A/B. */
    public static final double TOLERANCE = 0.03;

    public Timeline {
        points = List.copyOf(points);
        values = List.copyOf(values);
    }

    /**
     * A measured value.
     *
     * @param entry its run
     * @param metric of the score
     * @param median in the metric's unit
     * @param roofs geometric mean of the machine's highest memory and arithmetic roofs, in 1e9 a second; 0 if unknown
     */
    public record Point(History.Entry entry, Metric metric, double median, double roofs) {
        static Point of(History.Entry entry, Result result) {
            double median =
                    result.summary() == null ? Double.NaN : result.summary().median();
            List<Roof> roofs = entry.file().roofs();
            return new Point(
                    entry, result.metric(), median, Math.sqrt(highest(roofs, "GB/s") * highest(roofs, "GFLOP/s")));
        }

        private static double highest(List<Roof> roofs, String unit) {
            return roofs.stream()
                    .filter(roof -> roof.unit().equals(unit))
                    .mapToDouble(Roof::value)
                    .max()
                    .orElse(0);
        }
    }

    /**
     * A step to another level.
     *
     * @param index of the first point on the new level
     * @param ratio of the medians after and before: above 1, larger
     * @param p under permutation
     * @param worse true if the new level is worse by the metric's direction
     */
    public record Change(int index, double ratio, double p, boolean worse) {}

    static Timeline of(Result.Key key, List<Point> points) {
        boolean several = points.stream()
                        .map(point -> point.entry().file().machine().id())
                        .distinct()
                        .limit(2)
                        .count()
                > 1;
        Metric metric = points.get(points.size() - 1).metric();
        List<Point> kept = points.stream()
                .filter(point -> point.median() > 0 && point.metric().equals(metric) && (!several || point.roofs() > 0))
                .toList();
        return new Timeline(
                key,
                metric,
                several,
                kept,
                kept.stream()
                        .map(point -> !several
                                ? point.median()
                                : metric.better() == Better.LOWER
                                        ? point.median() * point.roofs()
                                        : point.median() / point.roofs())
                        .toList());
    }

    /**
     * Its changes, by E-divisive on the logarithms; steps below the tolerance are dropped, the smallest first, and the
     * levels beside them joined.
     */
    public List<Change> changes() {
        double[] logarithms = values.stream().mapToDouble(Math::log).toArray();
        List<EDivisive.ChangePoint> found = new ArrayList<>(EDivisive.standard().detect(logarithms));
        while (!found.isEmpty()) {
            int smallest = 0;
            for (int i = 1; i < found.size(); i++) {
                if (step(logarithms, found, i) < step(logarithms, found, smallest)) {
                    smallest = i;
                }
            }
            if (step(logarithms, found, smallest) >= Math.log1p(TOLERANCE)) {
                break;
            }
            found.remove(smallest);
        }
        List<Change> changes = new ArrayList<>();
        for (int i = 0; i < found.size(); i++) {
            double ratio = Math.exp(after(logarithms, found, i) - before(logarithms, found, i));
            changes.add(new Change(
                    found.get(i).index(), ratio, found.get(i).p(), ratio > 1 == (metric.better() == Better.LOWER)));
        }
        return changes;
    }

    private static double step(double[] values, List<EDivisive.ChangePoint> found, int i) {
        return Math.abs(after(values, found, i) - before(values, found, i));
    }

    private static double before(double[] values, List<EDivisive.ChangePoint> found, int i) {
        return median(
                values, i == 0 ? 0 : found.get(i - 1).index(), found.get(i).index());
    }

    private static double after(double[] values, List<EDivisive.ChangePoint> found, int i) {
        return median(
                values,
                found.get(i).index(),
                i + 1 == found.size() ? values.length : found.get(i + 1).index());
    }

    private static double median(double[] values, int from, int to) {
        double[] sorted = Arrays.copyOfRange(values, from, to);
        Arrays.sort(sorted);
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    /** Benchmark, variant and parameters. */
    public String title() {
        return key.toString();
    }
}
