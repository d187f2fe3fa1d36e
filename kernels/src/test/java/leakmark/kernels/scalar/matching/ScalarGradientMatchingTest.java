package leakmark.kernels.scalar.matching;

import leakmark.kernels.matching.GradientMatching;
import leakmark.kernels.matching.GradientMatchingContract;

class ScalarGradientMatchingTest extends GradientMatchingContract {
    @Override
    protected GradientMatching kernel() {
        return new ScalarGradientMatching();
    }
}
