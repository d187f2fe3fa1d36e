package leakmark.kernels.cuda;

import leakmark.kernels.PrefixExtension;
import leakmark.kernels.PrefixExtensionContract;
import leakmark.kernels.SpanProjection;
import leakmark.kernels.SpanProjectionContract;
import leakmark.kernels.SupportRecovery;
import leakmark.kernels.SupportRecoveryContract;
import leakmark.kernels.VocabularySweep;
import leakmark.kernels.VocabularySweepContract;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.extension.ExtendWith;

/** The earlier rungs of each ladder keep the same contracts as the last. */
@ExtendWith(NoLeaks.class)
class CudaRungsTest {
    @Nested
    class Sweep0 extends VocabularySweepContract {
        @Override
        protected VocabularySweep kernel() {
            return new CudaVocabularySweep(CudaDevice.shared(), 0, 4);
        }
    }

    @Nested
    class Sweep1 extends VocabularySweepContract {
        @Override
        protected VocabularySweep kernel() {
            return new CudaVocabularySweep(CudaDevice.shared(), 1, 4);
        }
    }

    @Nested
    class Span0 extends SpanProjectionContract {
        @Override
        protected SpanProjection projection() {
            return new CudaSpanProjection(CudaDevice.shared(), 0);
        }
    }

    @Nested
    class Prefix0 extends PrefixExtensionContract {
        @Override
        protected PrefixExtension kernel() {
            return new CudaPrefixExtension(CudaDevice.shared(), 0);
        }
    }

    @Nested
    class Support0 extends SupportRecoveryContract {
        @Override
        protected SupportRecovery recovery() {
            return new CudaSupportRecovery(CudaDevice.shared(), 0);
        }
    }
}
