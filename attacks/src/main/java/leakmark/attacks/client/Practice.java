package leakmark.attacks.client;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What protects in how a client trains, before there is a gradient, and the strengths a study sweeps. */
public enum Practice {
    DROPOUT(
            "dropout",
            "part of the values that are set to zero behind embeddings, attention weights, attention and MLP",
            List.of("dropout:0.1", "dropout:0.3", "dropout:0.5"),
            List.of()),
    FROZEN_EMBEDDINGS("frozen-embeddings", null, List.of("frozen-embeddings"), List.of()),
    BATCH(
            "batch",
            "sentences or images of a step, 1 to 64",
            List.of("batch:4", "batch:16", "batch:64"),
            List.of("batch:2", "batch:4")),
    LENGTH("length", "tokens of a sequence, 3 to 1024", List.of("length:48", "length:96", "length:192"), List.of()),
    RESOLUTION(
            "resolution",
            "pixels of an image's side, 8 to 128",
            List.of(),
            List.of("resolution:16", "resolution:48", "resolution:64"));

    private final String label;
    private final @Nullable String parameter;
    // Set once and never handed out.
    @SuppressWarnings("ImmutableEnumChecker")
    private final List<String> textSweep;

    @SuppressWarnings("ImmutableEnumChecker")
    private final List<String> imageSweep;

    Practice(String label, @Nullable String parameter, List<String> textSweep, List<String> imageSweep) {
        this.label = label;
        this.parameter = parameter;
        this.textSweep = textSweep;
        this.imageSweep = imageSweep;
    }

    /** Name in a specification. */
    public String label() {
        return label;
    }

    /** What its parameter means; null if it has none. */
    public @Nullable String parameter() {
        return parameter;
    }

    /** Specifications that a study of text sweeps; empty if it does not apply. */
    public List<String> textSweep() {
        return textSweep;
    }

    /** Specifications that a study of images sweeps; empty if it does not apply. */
    public List<String> imageSweep() {
        return imageSweep;
    }

    static Optional<Practice> named(String label) {
        return Arrays.stream(values())
                .filter(practice -> practice.label.equals(label))
                .findFirst();
    }

    boolean allows(double value) {
        boolean whole = value == Math.rint(value);
        return switch (this) {
            case DROPOUT -> value > 0 && value < 1;
            case FROZEN_EMBEDDINGS -> false;
            case BATCH -> whole && value >= 1 && value <= 64;
            case LENGTH -> whole && value >= 3 && value <= 1024;
            case RESOLUTION -> whole && value >= 8 && value <= 128;
        };
    }
}
