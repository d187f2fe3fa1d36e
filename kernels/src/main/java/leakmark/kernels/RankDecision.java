package leakmark.kernels;

/**
 * How many directions of a gradient are signal, with the evidence.
 *
 * <p>The values are the diagonal of a column-pivoted QR factorisation, which falls as the singular values do, relative to
 * the gradient's Frobenius norm.
 *
 * @param rank directions kept; -1 if no gap was found
 * @param lastKept smallest kept value
 * @param firstDropped largest dropped value; 0 if nothing was dropped
 * @param noiseFloor the value under which float32 rounding of the gradient itself explains everything
 */
public record RankDecision(int rank, double lastKept, double firstDropped, double noiseFloor) {
    /** True if signal and noise are apart. */
    public boolean hasGap() {
        return rank >= 0;
    }

    /** {@code firstDropped / lastKept}: how much noise the weakest direction of the row space carries. */
    public double noiseToSignal() {
        return hasGap() ? Math.max(firstDropped, 1e-12) / lastKept : 1;
    }
}
