package leakmark.attacks.model;

import java.util.List;
import leakmark.attacks.AttackException;

/** Configurations by name: GPT-2's published sizes, and two small ones for tests and quick looks. */
public final class Presets {
    private static final double EPSILON = 1e-5;

    private static final List<ModelConfiguration> ALL = List.of(
            new ModelConfiguration("tiny", 2, 64, 4, 512, 64, 256, 2, EPSILON),
            new ModelConfiguration("small", 4, 256, 4, 8192, 256, 1024, 2, EPSILON),
            new ModelConfiguration("gpt2", 12, 768, 12, 50257, 1024, 3072, 2, EPSILON),
            new ModelConfiguration("gpt2-medium", 24, 1024, 16, 50257, 1024, 4096, 2, EPSILON));

    private Presets() {}

    /** The presets' names, smallest model first. */
    public static List<String> names() {
        return ALL.stream().map(ModelConfiguration::name).toList();
    }

    /**
     * A preset's configuration.
     *
     * @throws AttackException if there is no such preset
     */
    public static ModelConfiguration configuration(String name) {
        return ALL.stream()
                .filter(preset -> preset.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AttackException("no model preset is called " + SafeTensorsHeader.quoted(name)
                        + "; there are " + String.join(", ", names())));
    }
}
