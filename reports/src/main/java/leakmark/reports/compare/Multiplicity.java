package leakmark.reports.compare;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** p values of many cells, adjusted so that they are compared with the level of one. */
final class Multiplicity {
    private Multiplicity() {}

    /** Holm's step-down: {@code max_{j≤i} min(1, (m − j)·p_(j))}, j from 0. Holds the chance of any false rejection. */
    static double[] holm(double[] p) {
        List<Integer> order = ascending(p);
        double[] adjusted = new double[p.length];
        double largest = 0;
        for (int j = 0; j < p.length; j++) {
            largest = Math.max(largest, Math.min(1, (p.length - j) * p[order.get(j)]));
            adjusted[order.get(j)] = largest;
        }
        return adjusted;
    }

    /** Benjamini and Hochberg's step-up: {@code min_{j≥i} m·p_(j)/(j + 1)}. Holds the share of false rejections. */
    static double[] benjaminiHochberg(double[] p) {
        List<Integer> order = ascending(p);
        double[] adjusted = new double[p.length];
        double smallest = 1;
        for (int j = p.length - 1; j >= 0; j--) {
            smallest = Math.min(smallest, p.length * p[order.get(j)] / (j + 1));
            adjusted[order.get(j)] = smallest;
        }
        return adjusted;
    }

    private static List<Integer> ascending(double[] p) {
        return IntStream.range(0, p.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> p[i]))
                .toList();
    }
}
