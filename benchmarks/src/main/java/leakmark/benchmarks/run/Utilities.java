package leakmark.benchmarks.run;

import java.util.HashMap;
import java.util.Map;
import leakmark.attacks.defences.Protection;
import leakmark.kernels.matching.GradientMatching;

/** What each defence costs in learning, trained once: text and images ask for the same ones. */
final class Utilities {
    private final GradientMatching kernels;
    private final Map<String, Utility> known = new HashMap<>();

    Utilities(GradientMatching kernels) {
        this.kernels = kernels;
    }

    Utility of(Protection protection) {
        return known.computeIfAbsent(protection.label(), label -> Utility.of(kernels, protection));
    }
}
