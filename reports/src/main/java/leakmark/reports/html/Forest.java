package leakmark.reports.html;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import leakmark.reports.result.CellComparison;
import leakmark.reports.result.CellComparison.Estimate;
import leakmark.reports.result.SideComparison;
import org.jspecify.annotations.Nullable;

/**
 * A comparison as a forest plot: one row a cell, its interval on a logarithmic axis of the change of time, the tolerance as
 * a band. Positions are pixels of a drawing of {@link #WIDTH}.
 *
 * @param comparison what is drawn
 * @param bandLow where the band begins
 * @param bandWidth its width
 * @param ticks of the axis
 * @param rows cells, and the negative control last
 */
record Forest(SideComparison comparison, String bandLow, String bandWidth, List<Chart.Tick> ticks, List<Row> rows) {
    static final int WIDTH = 210;
    static final int HEIGHT = 22;

    /** An axis beyond a factor of four would hide what matters; longer intervals run off it. */
    private static final double WIDEST = Math.log(4);

    private static final double NARROWEST_IN_BANDS = 2.5;
    private static final double[] STEPS = {0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2};
    private static final double ROOM = 58;

    /**
     * A row.
     *
     * @param cell what was compared
     * @param name of the cell
     * @param plot null without an estimate
     * @param control whether it is the negative control
     */
    record Row(CellComparison cell, String name, @Nullable Plot plot, boolean control) {
        String change() {
            return ComparisonSummary.change(cell.estimate());
        }

        String interval() {
            return ComparisonSummary.interval(cell.estimate());
        }

        String detectable() {
            return ComparisonSummary.detectable(cell.estimate());
        }

        String forks() {
            return ComparisonSummary.forks(cell);
        }

        String q() {
            Estimate estimate = cell.estimate();
            return estimate == null ? Format.NONE : Format.digits(estimate.qDifferent());
        }

        String remark() {
            return Format.join(cell.reasons());
        }

        /** The class of its colour. */
        String style() {
            return cell.verdict().name().toLowerCase(Locale.ROOT);
        }

        String verdict() {
            return cell.verdict().name().replace('_', ' ');
        }
    }

    /** Pixels of an interval and its middle. */
    record Plot(String low, String high, String middle) {}

    static List<Forest> of(List<SideComparison> comparisons) {
        return comparisons.stream().map(Forest::of).toList();
    }

    String sentence() {
        return ComparisonSummary.sentence(comparison);
    }

    String method() {
        return ComparisonSummary.method(comparison);
    }

    private static Forest of(SideComparison comparison) {
        double band = Math.log1p(comparison.tolerance());
        List<CellComparison> cells = new ArrayList<>(comparison.cells());
        CellComparison control = comparison.control();
        if (control != null) {
            cells.add(control);
        }
        double widest = NARROWEST_IN_BANDS * band;
        for (CellComparison cell : cells) {
            Estimate estimate = cell.estimate();
            if (estimate != null && estimate.low() > 0) {
                widest =
                        Math.max(widest, 1.1 * Math.max(Math.abs(Math.log(estimate.low())), Math.log(estimate.high())));
            }
        }
        double edge = Math.min(widest, WIDEST);
        List<Row> rows = new ArrayList<>();
        for (CellComparison cell : cells) {
            boolean isControl = rows.size() == comparison.cells().size();
            String name = (isControl ? "base against base: " : "") + ComparisonSummary.name(cell);
            rows.add(new Row(cell, name, plot(cell.estimate(), edge), isControl));
        }
        return new Forest(
                comparison,
                Format.pixel(position(-band, edge)),
                Format.pixel(position(band, edge) - position(-band, edge)),
                ticks(edge),
                rows);
    }

    private static @Nullable Plot plot(@Nullable Estimate estimate, double edge) {
        return estimate == null
                ? null
                : new Plot(
                        Format.pixel(position(Math.log(estimate.low()), edge)),
                        Format.pixel(position(Math.log(estimate.high()), edge)),
                        Format.pixel(position(Math.log(estimate.ratio()), edge)));
    }

    private static double position(double log, double edge) {
        double clipped = Math.max(-edge, Math.min(edge, log));
        return WIDTH / 2.0 * (1 + clipped / edge);
    }

    /** No change, and both ways the largest of the round steps that fit twice. */
    private static List<Chart.Tick> ticks(double edge) {
        double step = STEPS[0];
        for (double candidate : STEPS) {
            if (position(Math.log1p(candidate), edge) + ROOM / 2 <= WIDTH
                    && position(-Math.log1p(candidate), edge) >= ROOM / 2) {
                step = candidate;
            }
        }
        List<Chart.Tick> ticks = new ArrayList<>();
        for (double log : new double[] {-Math.log1p(step), 0, Math.log1p(step)}) {
            ticks.add(new Chart.Tick(
                    Format.pixel(position(log, edge)),
                    log == 0 ? "same" : String.format(Locale.ROOT, "%+.0f %%", 100 * Math.expm1(log))));
        }
        return ticks;
    }
}
