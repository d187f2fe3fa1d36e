package leakmark.kernels.vector.matching;

import leakmark.kernels.matching.GradientMatching;
import leakmark.kernels.matching.GradientMatchingContract;

class VectorGradientMatchingTest extends GradientMatchingContract {
    @Override
    protected GradientMatching kernel() {
        return new VectorGradientMatching();
    }
}
