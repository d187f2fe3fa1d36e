package leakmark.kernels;

/**
 * The work a kernel declares for one call, from its shapes alone.
 *
 * @param flops floating-point operations; a fused multiply-add counts two
 * @param bytes least traffic with main memory: each input read once, each output written once
 */
public record Cost(double flops, double bytes) {
    /** Sum of two costs. */
    public Cost plus(Cost other) {
        return new Cost(flops + other.flops, bytes + other.bytes);
    }
}
