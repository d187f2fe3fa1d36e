package leakmark.attacks.model;

import java.util.List;
import leakmark.attacks.AttackException;

/** Configurations by name: GPT-2's and BERT's published sizes, and small ones for tests and quick looks. */
public final class Presets {
    private static final double EPSILON = 1e-5;
    private static final double BERT_EPSILON = 1e-12;

    private static final List<ModelConfiguration> ALL = List.of(
            new ModelConfiguration("tiny", 2, 64, 4, 512, 64, 256, 2, EPSILON),
            new ModelConfiguration("small", 4, 256, 4, 8192, 256, 1024, 2, EPSILON),
            new ModelConfiguration("gpt2", 12, 768, 12, 50257, 1024, 3072, 2, EPSILON),
            new ModelConfiguration("gpt2-medium", 24, 1024, 16, 50257, 1024, 4096, 2, EPSILON),
            new ModelConfiguration("mini", 3, 128, 4, 2048, 64, 512, 2, EPSILON),
            bert("bert-tiny", 2, 64, 4, 512, 64),
            bert("bert-mini", 3, 256, 4, 2048, 64),
            bert("bert-small", 4, 256, 4, 8192, 128),
            bert("bert-base", 12, 768, 12, 30522, 512));

    private Presets() {}

    private static ModelConfiguration bert(
            String name, int layers, int hiddenSize, int heads, int vocabularySize, int positions) {
        return new ModelConfiguration(
                name,
                Architecture.BERT,
                layers,
                hiddenSize,
                heads,
                vocabularySize,
                positions,
                4 * hiddenSize,
                2,
                BERT_EPSILON);
    }

    /** The presets' names, decoders first, smallest model first. */
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
