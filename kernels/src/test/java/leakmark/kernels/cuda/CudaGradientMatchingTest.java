package leakmark.kernels.cuda;

import leakmark.kernels.matching.GradientMatching;
import leakmark.kernels.matching.GradientMatchingContract;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class CudaGradientMatchingTest extends GradientMatchingContract {
    @Override
    protected GradientMatching kernel() {
        return new CudaKernels().gradientMatching();
    }
}
