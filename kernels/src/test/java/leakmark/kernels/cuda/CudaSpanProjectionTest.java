package leakmark.kernels.cuda;

import leakmark.kernels.SpanProjection;
import leakmark.kernels.SpanProjectionContract;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class CudaSpanProjectionTest extends SpanProjectionContract {
    @Override
    protected SpanProjection projection() {
        return new CudaKernels().spanProjection();
    }
}
