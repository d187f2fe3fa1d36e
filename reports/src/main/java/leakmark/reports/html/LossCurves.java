package leakmark.reports.html;

import java.util.ArrayList;
import java.util.List;
import leakmark.reports.result.Gallery;

/**
 * Best loss against gradients matched, one line an attack; the loss on a logarithmic scale. All positions are pixels.
 *
 * @param across horizontal ticks
 * @param up vertical ticks
 * @param lines points of a polyline each
 */
record LossCurves(List<Chart.Tick> across, List<Chart.Tick> up, List<String> lines) {
    private static final int TICKS = 5;

    /** Draws a gallery's curves; null if no attack has two positive losses. */
    static @org.jspecify.annotations.Nullable LossCurves of(Gallery gallery) {
        List<List<Double>> curves = gallery.curves().stream()
                .map(curve -> curve.stream().filter(value -> value > 0).toList())
                .filter(curve -> curve.size() > 1)
                .toList();
        if (curves.isEmpty()) {
            return null;
        }
        int longest = curves.stream().mapToInt(List::size).max().orElse(2) - 1;
        LogScale up = LogScale.over(
                curves.stream()
                        .flatMap(List::stream)
                        .mapToDouble(Double::doubleValue)
                        .toArray(),
                Chart.BOTTOM,
                Chart.TOP);
        double width = (double) (Chart.RIGHT - Chart.LEFT) / longest;
        List<String> lines = new ArrayList<>();
        for (List<Double> curve : curves) {
            StringBuilder path = new StringBuilder();
            for (int i = 0; i < curve.size(); i++) {
                path.append(i == 0 ? "" : " ")
                        .append(Format.pixel(Chart.LEFT + i * width))
                        .append(',')
                        .append(Format.pixel(up.pixel(curve.get(i))));
            }
            lines.add(path.toString());
        }
        List<Chart.Tick> across = new ArrayList<>();
        int step = Math.max(1, (int) niceStep((double) longest * gallery.curveStep() / TICKS));
        for (long value = 0; value <= (long) longest * gallery.curveStep(); value += step) {
            across.add(new Chart.Tick(
                    Format.pixel(Chart.LEFT + width * value / gallery.curveStep()), Long.toString(value)));
        }
        return new LossCurves(
                across,
                up.ticks().stream()
                        .map(value -> new Chart.Tick(Format.pixel(up.pixel(value)), Format.digits(value)))
                        .toList(),
                lines);
    }

    /** 1, 2 or 5 times a power of ten, at least the value. */
    private static double niceStep(double value) {
        double power = Math.pow(10, Math.floor(Math.log10(Math.max(1, value))));
        for (double factor : new double[] {1, 2, 5}) {
            if (factor * power >= value) {
                return factor * power;
            }
        }
        return 10 * power;
    }
}
