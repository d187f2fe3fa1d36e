package leakmark.kernels.vector;

import leakmark.kernels.VocabularySweep;
import leakmark.kernels.VocabularySweepContract;

class VectorVocabularySweepTest extends VocabularySweepContract {
    @Override
    protected VocabularySweep kernel() {
        return new VectorKernels().vocabularySweep();
    }
}
