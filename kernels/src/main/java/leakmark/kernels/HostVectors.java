package leakmark.kernels;

import leakmark.kernels.scalar.ScalarHostVectors;
import leakmark.kernels.vector.SimdHostVectors;
import leakmark.kernels.vector.VectorKernels;

/**
 * Products and sums of float32 vectors on the heap, for optimisers. All vectors of a call have one length n; nothing is
 * allocated. Cost: 2·n FLOP over 8·n bytes a product, 4·n FLOP over 16·n bytes for both steps in one.
 */
public interface HostVectors {
    /** aᵀb, relative to Σ|aᵢbᵢ| within 2⁻¹⁷. */
    double dot(float[] a, float[] b);

    /** {@code y += factor·x}, rounded once, then yᵀnext: one pass over y. */
    double addScaledThenDot(float[] y, float factor, float[] x, float[] next);

    /** SIMD where it runs, else plain loops. */
    static HostVectors best() {
        return new VectorKernels().availability().available() ? new SimdHostVectors() : new ScalarHostVectors();
    }
}
