package leakmark.kernels.cuda;

import leakmark.kernels.Availability;
import leakmark.kernels.DeviceMatrix;
import leakmark.kernels.KernelProvider;
import leakmark.kernels.Matrix;
import leakmark.kernels.PrefixExtension;
import leakmark.kernels.SpanProjection;
import leakmark.kernels.SupportRecovery;
import leakmark.kernels.VocabularySweep;
import leakmark.kernels.matching.GradientMatching;

/** Kernels on the first CUDA device; what they work on stays there from upload to result. */
public final class CudaKernels implements KernelProvider {
    @Override
    public String name() {
        return "cuda";
    }

    @Override
    public Availability availability() {
        return CudaDevice.availability();
    }

    @Override
    public boolean isImitation() {
        return availability().available() && CudaDevice.shared().isStandIn();
    }

    @Override
    public DeviceMatrix upload(Matrix matrix) {
        return CudaMatrix.upload(CudaDevice.shared(), matrix);
    }

    @Override
    public SpanProjection spanProjection() {
        return new CudaSpanProjection(CudaDevice.shared());
    }

    @Override
    public VocabularySweep vocabularySweep() {
        return new CudaVocabularySweep(CudaDevice.shared());
    }

    @Override
    public PrefixExtension prefixExtension() {
        return new CudaPrefixExtension(CudaDevice.shared());
    }

    @Override
    public SupportRecovery supportRecovery() {
        return new CudaSupportRecovery(CudaDevice.shared());
    }

    @Override
    public GradientMatching gradientMatching() {
        return new CudaGradientMatching(CudaDevice.shared());
    }
}
