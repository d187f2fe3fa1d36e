package leakmark.kernels;

import java.util.List;
import java.util.stream.Collectors;
import leakmark.kernels.cuda.CudaKernels;
import leakmark.kernels.scalar.ScalarKernels;
import leakmark.kernels.vector.VectorKernels;

/** The ordered lookup of providers. An explicit choice that is not available fails; only the default may fall back. */
public final class KernelProviders {
    private KernelProviders() {}

    /** Every provider, fastest first. */
    public static List<KernelProvider> all() {
        return List.of(new CudaKernels(), new VectorKernels(), new ScalarKernels());
    }

    /** The fastest that runs here; one that only imitates its hardware must be asked for by name. */
    public static KernelProvider best() {
        return all().stream()
                .filter(provider -> provider.availability().available() && !provider.isImitation())
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no kernel provider runs here"));
    }

    /**
     * The provider of that name.
     *
     * @throws IllegalArgumentException if there is none, or it is not available, with the reason
     */
    public static KernelProvider byName(String name) {
        KernelProvider found = all().stream()
                .filter(provider -> provider.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("unknown provider '" + name + "'; there are "
                        + all().stream().map(KernelProvider::name).collect(Collectors.joining(", "))));
        Availability availability = found.availability();
        if (!availability.available()) {
            throw new IllegalArgumentException("provider '" + name + "' is not available: " + availability.reason());
        }
        return found;
    }
}
