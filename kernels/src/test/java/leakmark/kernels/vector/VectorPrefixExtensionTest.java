package leakmark.kernels.vector;

import leakmark.kernels.PrefixExtension;
import leakmark.kernels.PrefixExtensionContract;

class VectorPrefixExtensionTest extends PrefixExtensionContract {
    @Override
    protected PrefixExtension kernel() {
        return new VectorKernels().prefixExtension();
    }
}
