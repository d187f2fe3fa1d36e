package leakmark.kernels.scalar;

import leakmark.kernels.PrefixExtension;
import leakmark.kernels.PrefixExtensionContract;

class ScalarPrefixExtensionTest extends PrefixExtensionContract {
    @Override
    protected PrefixExtension kernel() {
        return new ScalarKernels().prefixExtension();
    }
}
