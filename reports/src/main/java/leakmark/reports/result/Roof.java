package leakmark.reports.result;

/**
 * A measured upper bound of the machine.
 *
 * @param name for example {@code copy} or {@code fused multiply-add}
 * @param threads threads it was measured with
 * @param value in {@code unit}
 * @param unit {@code B/s} or {@code FLOP/s}, with an optional SI prefix: {@code GB/s}, {@code TFLOP/s}
 */
public record Roof(String name, int threads, double value, String unit) {
    public Roof {
        Values.required(name, "roof.name");
        Values.required(unit, "roof.unit");
        if (threads < 1) {
            throw new IllegalArgumentException("roof " + name + " has " + threads + " threads, less than 1");
        }
        if (!(Values.finite(value, "roof " + name) > 0)) {
            throw new IllegalArgumentException("roof " + name + " is " + value + ", not above 0");
        }
    }
}
