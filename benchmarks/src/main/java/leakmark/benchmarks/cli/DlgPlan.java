package leakmark.benchmarks.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import leakmark.attacks.AttackException;
import leakmark.attacks.dlg.InversionSettings;
import leakmark.attacks.dlg.TextSettings;
import leakmark.attacks.optim.BatchMinimiser;
import leakmark.attacks.optim.BatchMinimiser.Watch;
import leakmark.attacks.optim.Optimisers;
import leakmark.kernels.KernelProvider;
import leakmark.kernels.KernelProviders;
import leakmark.kernels.matching.Network;
import org.jspecify.annotations.Nullable;

/**
 * What images and text have in common; null where the method's own value holds.
 *
 * @param iterations outer iterations of 20 steps
 */
record DlgPlan(
        String model,
        @Nullable Path weights,
        String method,
        @Nullable String optimiser,
        int batchSize,
        int seeds,
        long seed,
        @Nullable Integer iterations,
        @Nullable Integer restarts,
        @Nullable String provider) {
    /** The provider that stands for the published attack on PyTorch. */
    static final String PUBLISHED = "published";

    boolean isPublished() {
        return PUBLISHED.equals(provider);
    }

    /**
     * Attacks run in as many rounds as the memory asks for, but their gradients, inputs and results are there together.
     *
     * @param network one input of it is one of a client
     * @throws AttackException if half of the heap does not hold them
     */
    void checkMemory(Network network) {
        double bytes = seeds
                * (double) Float.BYTES
                * (network.parameterCount() + 3.0 * batchSize * network.input().size());
        long heap = Runtime.getRuntime().maxMemory();
        if (bytes > heap / 2.0) {
            throw new AttackException(String.format(
                    Locale.ROOT,
                    "%d attacks on %d inputs each hold %.0f MiB of gradients and results, the heap may grow to %d MiB; lower"
                            + " --seeds or --batch-size, or set LEAKMARK_JAVA_OPTS=-Xmx8g on a machine that has it",
                    seeds,
                    batchSize,
                    bytes / (1 << 20),
                    heap >> 20));
        }
    }

    /** The kernels; for the published attack those that make the clients' gradients. */
    KernelProvider kernels() {
        try {
            return provider == null || isPublished() ? KernelProviders.best() : KernelProviders.byName(provider);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(ExitCode.USAGE, e.getMessage() + ", " + PUBLISHED);
        }
    }

    String providerName() {
        return isPublished() ? PUBLISHED : kernels().name();
    }

    InversionSettings images() {
        InversionSettings settings =
                List.of(InversionSettings.dlg(), InversionSettings.idlg(), InversionSettings.geiping()).stream()
                        .filter(each -> each.label().equals(method))
                        .findFirst()
                        .orElseThrow(() -> unknownMethod("dlg, idlg, geiping"));
        return changed(settings);
    }

    TextSettings text() {
        TextSettings settings = List.of(TextSettings.dlg(), TextSettings.tag(), TextSettings.lamp()).stream()
                .filter(each -> each.label().equals(method))
                .findFirst()
                .orElseThrow(() -> unknownMethod("dlg, tag, lamp"));
        return settings.with(changed(settings.search()));
    }

    private InversionSettings changed(InversionSettings settings) {
        InversionSettings result = optimiser == null ? settings : settings.with(Optimisers.byName(optimiser));
        if (iterations != null && iterations > Integer.MAX_VALUE / BatchMinimiser.CURVE_STEP) {
            throw new AttackException("--iterations " + iterations + " is more than can be counted; give at most "
                    + Integer.MAX_VALUE / BatchMinimiser.CURVE_STEP);
        }
        int most = iterations == null ? settings.iterations() : iterations * BatchMinimiser.CURVE_STEP;
        return result.within(most, Objects.requireNonNullElse(restarts, settings.restarts()));
    }

    private AttackException unknownMethod(String known) {
        return new AttackException("unknown method '" + method + "' for model " + model + "; there are " + known);
    }

    /** A progress bar that counts the attacks that have ended. */
    Watch watch(Progress progress) {
        return new Watch() {
            private int before = seeds;

            @Override
            public void running(int count) {
                while (before > count) {
                    progress.step();
                    before--;
                }
            }
        };
    }
}
