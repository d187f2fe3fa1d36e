package leakmark.attacks.client;

import java.util.ArrayList;
import java.util.List;
import leakmark.attacks.SharedGradient;
import leakmark.attacks.TokenBatch;
import leakmark.attacks.model.PublicModel;
import org.jspecify.annotations.Nullable;

/**
 * What one honest-but-curious party of a federated setting sees.
 *
 * @param model as that party knows it
 * @param plain gradients as they come, which is all that an unaware attacker reads
 * @param solved gradients that an attacker who knows the setting works out; equal to {@code plain} where there is nothing to
 * @param kind what {@code solved} are
 * @param movement steps times learning rate of an update
 * @param truth the batches behind it, for the score alone
 * @param notApplicable why there is nothing to attack, or null
 */
public record Seen(
        PublicModel model,
        List<SharedGradient> plain,
        List<SharedGradient> solved,
        Kind kind,
        double movement,
        ClientBatch truth,
        @Nullable String notApplicable) {
    /** What an attacker who knows the setting expects of a gradient. */
    public enum Kind {
        /** Right up to its own rounding. */
        EXACT,
        /** Right up to small errors: solved for, from rounded sums. */
        BLURRED,
        /** A client's weights after several steps. */
        UPDATE,
        /** Protected. */
        PROTECTED
    }

    /** Batches as one. */
    static ClientBatch joined(List<ClientBatch> batches) {
        List<String> sentences = new ArrayList<>();
        List<int[]> sequences = new ArrayList<>();
        List<Integer> offsets = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        for (ClientBatch batch : batches) {
            sentences.addAll(batch.sentences());
            TokenBatch tokens = batch.tokens();
            for (int s = 0; s < tokens.sequences().size(); s++) {
                sequences.add(tokens.sequences().get(s));
                offsets.add(tokens.offsets()[s]);
                labels.add(tokens.labels()[s]);
            }
        }
        return new ClientBatch(
                sentences,
                new TokenBatch(
                        sequences,
                        offsets.stream().mapToInt(i -> i).toArray(),
                        labels.stream().mapToInt(i -> i).toArray()));
    }
}
