package leakmark.reports.html;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import leakmark.reports.result.Result;
import leakmark.reports.result.Result.Cost;
import leakmark.reports.result.Roof;
import leakmark.reports.result.Units;

/**
 * Kernels under the measured roofs: GFLOP/s against FLOPs a byte, both logarithmic. All positions are pixels.
 *
 * @param across horizontal ticks
 * @param up vertical ticks
 * @param roof points of the roof's polyline
 * @param marks one a kernel
 * @param description for readers who cannot see it
 */
record Roofline(List<Chart.Tick> across, List<Chart.Tick> up, String roof, List<Mark> marks, String description) {
    /** A kernel. */
    record Mark(String x, String y, String label, String title) {}

    /** Empty without both roofs, or a kernel that declares FLOPs and bytes. */
    static Optional<Roofline> of(List<Result> kernels, List<Roof> roofs) {
        double bandwidth = highest(roofs, "B/s");
        double rate = highest(roofs, "FLOP/s");
        List<Result> drawn = kernels.stream()
                .filter(kernel -> {
                    Cost cost = kernel.cost();
                    return cost != null
                            && cost.flops() > 0
                            && cost.bytes() > 0
                            && kernel.seconds().isPresent();
                })
                .toList();
        if (drawn.isEmpty() || !(bandwidth > 0) || !(rate > 0)) {
            return Optional.empty();
        }
        double ridge = rate / bandwidth;
        double[] intensities = java.util.stream.DoubleStream.concat(
                        java.util.stream.DoubleStream.of(ridge / 8, ridge * 8),
                        drawn.stream().mapToDouble(Roofline::intensity))
                .toArray();
        LogScale across = LogScale.over(intensities, Chart.LEFT, Chart.RIGHT);
        double lowest = across.low() * bandwidth;
        LogScale up = LogScale.over(
                java.util.stream.DoubleStream.concat(
                                java.util.stream.DoubleStream.of(lowest, rate),
                                drawn.stream().mapToDouble(Roofline::rate))
                        .toArray(),
                Chart.BOTTOM,
                Chart.TOP);
        List<Mark> marks = new ArrayList<>();
        for (Result kernel : drawn) {
            double allowed = Math.min(rate, intensity(kernel) * bandwidth);
            marks.add(new Mark(
                    Format.pixel(across.pixel(intensity(kernel))),
                    Format.pixel(up.pixel(rate(kernel))),
                    Integer.toString(marks.size() + 1),
                    kernel.key() + ": " + Format.digits(rate(kernel) / 1e9) + " GFLOP/s at "
                            + Format.digits(intensity(kernel)) + " FLOPs a byte, "
                            + Format.percent(rate(kernel) / allowed) + " of the roof"));
        }
        String roof = Format.pixel(Chart.LEFT) + "," + Format.pixel(up.pixel(lowest)) + " "
                + Format.pixel(across.pixel(ridge)) + "," + Format.pixel(up.pixel(rate)) + " "
                + Format.pixel(Chart.RIGHT) + "," + Format.pixel(up.pixel(rate));
        return Optional.of(new Roofline(
                across.ticks().stream()
                        .map(value -> new Chart.Tick(Format.pixel(across.pixel(value)), Format.digits(value)))
                        .toList(),
                up.ticks().stream()
                        .map(value -> new Chart.Tick(Format.pixel(up.pixel(value)), Format.digits(value / 1e9)))
                        .toList(),
                roof,
                marks,
                drawn.size() + " kernels under roofs of " + Format.digits(bandwidth / 1e9) + " GB/s and "
                        + Format.digits(rate / 1e9) + " GFLOP/s"));
    }

    private static double intensity(Result kernel) {
        Cost cost = kernel.cost();
        return cost == null ? 0 : cost.flops() / cost.bytes();
    }

    private static double rate(Result kernel) {
        Cost cost = kernel.cost();
        return cost == null ? 0 : cost.flops() / kernel.seconds().orElseThrow();
    }

    private static double highest(List<Roof> roofs, String base) {
        return roofs.stream()
                .filter(roof -> Units.relativeTo(base, roof.unit()).isPresent()
                        && !(base.equals("B/s") && roof.unit().endsWith("FLOP/s")))
                .mapToDouble(roof ->
                        roof.value() * Units.relativeTo(base, roof.unit()).orElseThrow())
                .max()
                .orElse(0);
    }
}
