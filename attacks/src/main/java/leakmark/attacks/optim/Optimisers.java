package leakmark.attacks.optim;

import java.util.List;
import java.util.stream.Collectors;
import leakmark.attacks.AttackException;

/** Optimisers by name, with the settings the literature uses. */
public final class Optimisers {
    private static final List<Optimiser> ALL =
            List.of(Lbfgs.strongWolfe(), Lbfgs.published(), Adam.of(0.1), Sgd.of(0.1, 0.9));

    private Optimisers() {}

    /** All names, the default first. */
    public static List<String> names() {
        return ALL.stream().map(Optimiser::label).toList();
    }

    /**
     * An optimiser.
     *
     * @throws AttackException if none has this name
     */
    public static Optimiser byName(String name) {
        return ALL.stream()
                .filter(optimiser -> optimiser.label().equals(name))
                .findFirst()
                .orElseThrow(() -> new AttackException("unknown optimiser '" + name + "'; there are "
                        + names().stream().collect(Collectors.joining(", "))));
    }
}
