package leakmark.kernels.scalar;

import leakmark.kernels.Availability;
import leakmark.kernels.DeviceMatrix;
import leakmark.kernels.KernelProvider;
import leakmark.kernels.Matrix;
import leakmark.kernels.PrefixExtension;
import leakmark.kernels.SpanProjection;
import leakmark.kernels.SupportRecovery;
import leakmark.kernels.VocabularySweep;
import leakmark.kernels.matching.GradientMatching;
import leakmark.kernels.scalar.matching.ScalarGradientMatching;

/** The oracle: plain loops, float64. Runs anywhere, and slowly. */
public final class ScalarKernels implements KernelProvider {
    @Override
    public String name() {
        return "scalar";
    }

    @Override
    public Availability availability() {
        return new Availability(true, "plain loops, one core, float64");
    }

    @Override
    public DeviceMatrix upload(Matrix matrix) {
        return matrix;
    }

    @Override
    public SpanProjection spanProjection() {
        return new ScalarSpanProjection();
    }

    @Override
    public VocabularySweep vocabularySweep() {
        return new ScalarVocabularySweep();
    }

    @Override
    public PrefixExtension prefixExtension() {
        return new ScalarPrefixExtension();
    }

    @Override
    public SupportRecovery supportRecovery() {
        return new ScalarSupportRecovery();
    }

    @Override
    public GradientMatching gradientMatching() {
        return new ScalarGradientMatching();
    }
}
