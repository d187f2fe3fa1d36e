package leakmark.kernels.vector;

import leakmark.kernels.SupportRecovery;
import leakmark.kernels.SupportRecoveryContract;

class VectorSupportRecoveryTest extends SupportRecoveryContract {
    @Override
    protected SupportRecovery recovery() {
        return new VectorKernels().supportRecovery();
    }
}
