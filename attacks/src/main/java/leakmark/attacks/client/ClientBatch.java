package leakmark.attacks.client;

import java.util.List;
import leakmark.attacks.TokenBatch;

/**
 * What a client trained on: the truth an attack is scored against.
 *
 * @param sentences the text of each sequence, as far as it was kept
 * @param tokens the sequences as the model sees them, and their labels
 */
public record ClientBatch(List<String> sentences, TokenBatch tokens) {
    public ClientBatch {
        sentences = List.copyOf(sentences);
        if (sentences.size() != tokens.sequences().size()) {
            throw new IllegalArgumentException(
                    sentences.size() + " sentences for " + tokens.sequences().size() + " sequences");
        }
    }
}
