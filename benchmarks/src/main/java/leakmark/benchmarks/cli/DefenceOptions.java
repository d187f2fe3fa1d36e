package leakmark.benchmarks.cli;

import leakmark.attacks.defences.DpSgd;
import leakmark.attacks.defences.Protection;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a client protects its gradient. */
final class DefenceOptions {
    /** Key of a gradient's provenance. */
    static final String PROVENANCE = "defence";

    @Option(
            names = "--defence",
            paramLabel = "SPEC",
            description = "What the client does to its gradient, steps joined by +: gaussian:1e-4, top-k:0.3+bf16, "
                    + "dp-sgd:1:eps=8 (see `leakmark defences --list`). Default: nothing.")
    private @Nullable String defence;

    boolean isGiven() {
        return defence != null;
    }

    /**
     * The protection, new: some keep what they did not send.
     *
     * @throws leakmark.attacks.AttackException if the specification is wrong
     */
    Protection protection() {
        return defence == null ? Protection.none() : Protection.parse(defence);
    }

    /** For example {@code , defence bf16: 1.2 MB on the wire}. */
    static String summary(Protection protection, long entries) {
        if (protection.isNone()) {
            return "";
        }
        DpSgd privacy = protection.privacy();
        return String.format(
                java.util.Locale.ROOT,
                "defence %s: %.2f MB on the wire in place of %.2f%s%n",
                protection.label(),
                protection.bytes(entries) * 1e-6,
                4e-6 * entries,
                privacy == null ? "" : ", " + privacy.promise());
    }
}
