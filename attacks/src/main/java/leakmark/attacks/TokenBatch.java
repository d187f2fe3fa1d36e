package leakmark.attacks;

import java.util.List;

/**
 * Token sequences as the model sees them.
 *
 * @param sequences token ids per sequence, ragged
 * @param offsets position of each sequence's first token (0 unless padded on the left without position ids)
 * @param labels class of each sequence; ignored by {@link Task#NEXT_TOKEN}
 */
public record TokenBatch(List<int[]> sequences, int[] offsets, int[] labels) {
    public TokenBatch {
        sequences = List.copyOf(sequences);
        if (offsets.length != sequences.size() || labels.length != sequences.size()) {
            throw new IllegalArgumentException("offsets and labels must be given for each sequence");
        }
    }

    /** All tokens of the batch, counted with repeats. */
    public int tokens() {
        return sequences.stream().mapToInt(sequence -> sequence.length).sum();
    }
}
