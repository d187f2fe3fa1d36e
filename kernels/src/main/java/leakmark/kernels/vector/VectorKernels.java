package leakmark.kernels.vector;

import leakmark.kernels.Availability;
import leakmark.kernels.DeviceMatrix;
import leakmark.kernels.KernelProvider;
import leakmark.kernels.Matrix;
import leakmark.kernels.PrefixExtension;
import leakmark.kernels.SpanProjection;
import leakmark.kernels.SupportRecovery;
import leakmark.kernels.VocabularySweep;
import leakmark.kernels.matching.GradientMatching;
import leakmark.kernels.vector.matching.VectorGradientMatching;

/** Kernels on SIMD vectors and all cores. Needs {@code --add-modules jdk.incubator.vector}. */
public final class VectorKernels implements KernelProvider {
    @Override
    public String name() {
        return "vector";
    }

    @Override
    public boolean isConcurrent() {
        return true;
    }

    @Override
    public Availability availability() {
        return ModuleLayer.boot()
                .findModule("jdk.incubator.vector")
                .map(module -> new Availability(true, lanes()))
                .orElse(new Availability(false, "start the JVM with --add-modules jdk.incubator.vector"));
    }

    private static String lanes() {
        return Species.FLOAT.vectorBitSize() + "-bit vectors, "
                + Runtime.getRuntime().availableProcessors() + " cores";
    }

    @Override
    public DeviceMatrix upload(Matrix matrix) {
        return matrix;
    }

    @Override
    public SpanProjection spanProjection() {
        return new VectorSpanProjection();
    }

    @Override
    public VocabularySweep vocabularySweep() {
        return new VectorVocabularySweep();
    }

    @Override
    public PrefixExtension prefixExtension() {
        return new VectorPrefixExtension();
    }

    @Override
    public SupportRecovery supportRecovery() {
        return new VectorSupportRecovery();
    }

    @Override
    public GradientMatching gradientMatching() {
        return new VectorGradientMatching();
    }
}
