package leakmark.kernels.vector;

import leakmark.kernels.SpanProjection;
import leakmark.kernels.SpanProjectionContract;

class VectorSpanProjectionTest extends SpanProjectionContract {
    @Override
    protected SpanProjection projection() {
        return new VectorKernels().spanProjection();
    }
}
