package leakmark.reports.result;

import java.util.Map;
import java.util.OptionalDouble;

/** Units as factors. */
public final class Units {
    private static final Map<String, Double> SECONDS =
            Map.of("ns", 1e-9, "us", 1e-6, "µs", 1e-6, "ms", 1e-3, "s", 1.0, "min", 60.0);
    private static final Map<String, Double> PREFIXES =
            Map.of("", 1.0, "k", 1e3, "M", 1e6, "G", 1e9, "T", 1e12, "P", 1e15);

    private Units() {}

    /** Seconds in one unit of time such as {@code ms/op}; empty if it is no time. */
    public static OptionalDouble seconds(String unit) {
        Double factor = SECONDS.get(unit.endsWith("/op") ? unit.substring(0, unit.length() - 3) : unit);
        return factor == null ? OptionalDouble.empty() : OptionalDouble.of(factor);
    }

    /** Factor of a unit such as {@code GB/s} relative to {@code base}; empty if it is another unit. */
    public static OptionalDouble relativeTo(String base, String unit) {
        if (!unit.endsWith(base)) {
            return OptionalDouble.empty();
        }
        Double factor = PREFIXES.get(unit.substring(0, unit.length() - base.length()));
        return factor == null ? OptionalDouble.empty() : OptionalDouble.of(factor);
    }
}
