package leakmark.kernels.scalar;

import leakmark.kernels.VocabularySweep;
import leakmark.kernels.VocabularySweepContract;

class ScalarVocabularySweepTest extends VocabularySweepContract {
    @Override
    protected VocabularySweep kernel() {
        return new ScalarKernels().vocabularySweep();
    }
}
