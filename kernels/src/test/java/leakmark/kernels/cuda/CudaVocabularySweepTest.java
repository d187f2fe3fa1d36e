package leakmark.kernels.cuda;

import leakmark.kernels.VocabularySweep;
import leakmark.kernels.VocabularySweepContract;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class CudaVocabularySweepTest extends VocabularySweepContract {
    @Override
    protected VocabularySweep kernel() {
        return new CudaKernels().vocabularySweep();
    }
}
