package leakmark.kernels.scalar;

import leakmark.kernels.SupportRecovery;
import leakmark.kernels.SupportRecoveryContract;

class ScalarSupportRecoveryTest extends SupportRecoveryContract {
    @Override
    protected SupportRecovery recovery() {
        return new ScalarKernels().supportRecovery();
    }
}
