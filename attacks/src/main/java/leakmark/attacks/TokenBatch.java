package leakmark.attacks;

import java.util.Arrays;
import java.util.List;

/**
 * Token sequences as the model sees them.
 *
 * @param sequences token ids per sequence, ragged
 * @param offsets position of each sequence's first token (0 unless padded on the left without position ids)
 * @param labels class of each sequence; {@link Task#CLASSIFICATION} only
 * @param targets of each token what it was before it was masked, or {@link #NO_TARGET}; {@link Task#MASKED_LM} only, else
 *     empty
 */
public record TokenBatch(List<int[]> sequences, int[] offsets, int[] labels, List<int[]> targets) {
    /** Target of a token that is not to be predicted. */
    public static final int NO_TARGET = -1;

    public TokenBatch {
        sequences = List.copyOf(sequences);
        targets = List.copyOf(targets);
        if (!targets.isEmpty() && targets.size() != sequences.size()) {
            throw new IllegalArgumentException("targets must be given for each sequence or for none");
        }
        if (offsets.length != sequences.size() || labels.length != sequences.size()) {
            throw new IllegalArgumentException("offsets and labels must be given for each sequence");
        }
    }

    /** A batch without masked tokens. */
    public TokenBatch(List<int[]> sequences, int[] offsets, int[] labels) {
        this(sequences, offsets, labels, List.of());
    }

    /** Tokens to be predicted. */
    public int targetCount() {
        return (int) targets.stream()
                .flatMapToInt(Arrays::stream)
                .filter(target -> target != NO_TARGET)
                .count();
    }

    /** All tokens of the batch, counted with repeats. */
    public int tokens() {
        return sequences.stream().mapToInt(sequence -> sequence.length).sum();
    }
}
