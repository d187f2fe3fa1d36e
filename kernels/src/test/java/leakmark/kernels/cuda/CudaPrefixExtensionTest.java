package leakmark.kernels.cuda;

import leakmark.kernels.PrefixExtension;
import leakmark.kernels.PrefixExtensionContract;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class CudaPrefixExtensionTest extends PrefixExtensionContract {
    @Override
    protected PrefixExtension kernel() {
        return new CudaKernels().prefixExtension();
    }
}
