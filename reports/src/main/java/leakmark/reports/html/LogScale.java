package leakmark.reports.html;

import java.util.ArrayList;
import java.util.List;

/**
 * A logarithmic axis.
 *
 * @param low value at {@code start}
 * @param high value at {@code end}, above {@code low}
 * @param start pixel
 * @param end pixel
 */
record LogScale(double low, double high, double start, double end) {
    /** Covers the values with a margin of 8 % of the axis at both ends. */
    static LogScale over(double[] values, double start, double end) {
        double low = Double.POSITIVE_INFINITY;
        double high = 0;
        for (double value : values) {
            low = Math.min(low, value);
            high = Math.max(high, value);
        }
        double margin = Math.max(1.15, Math.pow(high / low, 0.08));
        return new LogScale(low / margin, high * margin, start, end);
    }

    double pixel(double value) {
        return start + (end - start) * Math.log(value / low) / Math.log(high / low);
    }

    /** Powers of ten, or 1-2-5 steps where fewer than three powers fit; at most eight. */
    List<Double> ticks() {
        List<Double> powers = steps(new double[] {1});
        if (powers.size() < 3) {
            powers = steps(new double[] {1, 2, 5});
        }
        int every = (powers.size() + 7) / 8;
        List<Double> ticks = new ArrayList<>();
        for (int i = 0; i < powers.size(); i += every) {
            ticks.add(powers.get(i));
        }
        return ticks;
    }

    private List<Double> steps(double[] factors) {
        List<Double> steps = new ArrayList<>();
        for (int power = (int) Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
            for (double factor : factors) {
                double step = factor * Math.pow(10, power);
                if (step >= low && step <= high) {
                    steps.add(step);
                }
            }
        }
        return steps;
    }

    /** Those of the ascending values that leave {@code room} pixels to the last one kept. */
    List<Double> thinned(List<Double> values, double room) {
        List<Double> kept = new ArrayList<>();
        double last = Double.NEGATIVE_INFINITY;
        for (double value : values) {
            if (pixel(value) - last >= room) {
                kept.add(value);
                last = pixel(value);
            }
        }
        return kept;
    }
}
