package leakmark.reports.html;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import leakmark.reports.result.Result;
import leakmark.reports.result.Result.Cost;
import leakmark.reports.result.Result.Status;
import leakmark.reports.result.Roof;
import leakmark.reports.result.Units;

/**
 * A kernel against the roofs. Time allowed by a roof is work / roof; the larger of the two bounds the kernel, and the
 * fraction is that time over the measured one.
 *
 * @param result the cell
 * @param work GFLOP/s
 * @param traffic GB/s
 * @param fraction of the roof that bounds it, for example 64 %
 * @param bar width of a bar in percent, at most 100
 * @param bound name of that roof
 * @param streaming time over that of the benchmark that only moves the same bytes
 * @param baseline time of the same work on PyTorch over that of this
 * @param allocation bytes of heap taken in one operation
 */
record KernelRow(
        Result result,
        String work,
        String traffic,
        String fraction,
        String bar,
        String bound,
        String streaming,
        String baseline,
        String allocation) {
    /** The variant that stands for the same work on PyTorch. */
    private static final String TORCH = "torch";

    /** What JMH's gc profiler counts. */
    private static final String ALLOCATION = "gc.alloc.rate.norm";

    static List<KernelRow> of(List<Result> kernels, List<Roof> roofs) {
        return kernels.stream().map(kernel -> row(kernel, kernels, roofs)).toList();
    }

    private static KernelRow row(Result kernel, List<Result> kernels, List<Roof> roofs) {
        Cost cost = kernel.cost();
        OptionalDouble measured = kernel.seconds();
        Double bytes = kernel.counters().get(ALLOCATION);
        String allocation = bytes == null ? Format.NONE : Format.digits(bytes) + " B";
        if (cost == null || measured.isEmpty()) {
            return new KernelRow(
                    kernel,
                    Format.NONE,
                    Format.NONE,
                    Format.NONE,
                    "0",
                    Format.NONE,
                    Format.NONE,
                    Format.NONE,
                    allocation);
        }
        double seconds = measured.getAsDouble();
        Bound bound = bound(kernel, cost, roofs);
        double fraction = bound.seconds() / seconds;
        boolean known = fraction > 0;
        return new KernelRow(
                kernel,
                cost.flops() > 0 ? Format.digits(cost.flops() / seconds / 1e9) : Format.NONE,
                cost.bytes() > 0 ? Format.digits(cost.bytes() / seconds / 1e9) : Format.NONE,
                known ? Format.percent(fraction) : Format.NONE,
                Format.pixel(Math.min(100, 100 * fraction)),
                known ? bound.roof().map(Roof::name).orElse(Format.NONE) : "no roof measured for these threads",
                streaming(kernel, cost, seconds, kernels),
                baseline(kernel, seconds, kernels),
                allocation);
    }

    /** True if some row has a counterpart on PyTorch. */
    static boolean hasBaseline(List<KernelRow> rows) {
        return rows.stream().anyMatch(row -> !row.baseline.equals(Format.NONE));
    }

    /** True if some row's allocation was measured. */
    static boolean hasAllocation(List<KernelRow> rows) {
        return rows.stream().anyMatch(row -> !row.allocation.equals(Format.NONE));
    }

    private static String baseline(Result kernel, double seconds, List<Result> kernels) {
        return kernels.stream()
                .filter(other -> other.key().variant().equals(TORCH)
                        && !kernel.key().variant().equals(TORCH)
                        && Cells.pairKey(other).equals(Cells.pairKey(kernel)))
                .map(Result::seconds)
                .filter(OptionalDouble::isPresent)
                .map(other -> Format.digits(other.getAsDouble() / seconds) + " ×")
                .findFirst()
                .orElse(Format.NONE);
    }

    /** The longer of what a cost's bytes and FLOPs take at least; 0 where no roof is known. */
    record Bound(double seconds, Optional<Roof> roof) {}

    static Bound bound(Result result, Cost cost, List<Roof> roofs) {
        Optional<Roof> compute = roof(result, roofs, "FLOP/s");
        Optional<Roof> memory = roof(result, roofs, "B/s");
        double byCompute =
                compute.map(roof -> cost.flops() / perSecond(roof, "FLOP/s")).orElse(0.0);
        double byMemory =
                memory.map(roof -> cost.bytes() / perSecond(roof, "B/s")).orElse(0.0);
        return byCompute > byMemory ? new Bound(byCompute, compute) : new Bound(byMemory, memory);
    }

    /** The highest roof of a kind measured with the kernel's threads; with any, if the kernel does not name them. */
    private static Optional<Roof> roof(Result kernel, List<Roof> roofs, String base) {
        String threads = kernel.key().params().get("threads");
        return roofs.stream()
                .filter(roof -> Units.relativeTo(base, roof.unit()).isPresent())
                .filter(roof -> threads == null || threads.equals(Integer.toString(roof.threads())))
                .max((a, b) -> Double.compare(perSecond(a, base), perSecond(b, base)));
    }

    private static double perSecond(Roof roof, String base) {
        return roof.value() * Units.relativeTo(base, roof.unit()).orElseThrow();
    }

    private static String streaming(Result kernel, Cost cost, double seconds, List<Result> kernels) {
        return kernels.stream()
                .filter(other -> other.status() == Status.OK
                        && cost.flops() > 0
                        && other.cost() != null
                        && other.cost().flops() == 0
                        && other.cost().bytes() == cost.bytes()
                        && other.key().params().equals(kernel.key().params()))
                .map(Result::seconds)
                .filter(OptionalDouble::isPresent)
                .map(other -> Format.digits(seconds / other.getAsDouble()) + " ×")
                .findFirst()
                .orElse(Format.NONE);
    }
}
