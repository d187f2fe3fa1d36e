package leakmark.kernels.scalar;

import leakmark.kernels.SpanProjection;
import leakmark.kernels.SpanProjectionContract;

class ScalarSpanProjectionTest extends SpanProjectionContract {
    @Override
    protected SpanProjection projection() {
        return new ScalarKernels().spanProjection();
    }
}
