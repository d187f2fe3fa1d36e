package leakmark.attacks.metrics;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import leakmark.attacks.Reconstruction;
import leakmark.attacks.Reconstruction.RecoveredSequence;
import leakmark.attacks.TokenBatch;
import leakmark.attacks.client.ClientBatch;
import leakmark.attacks.optim.Assignment;

/**
 * How much of a client's batch an attack recovered. Each true sequence is compared with at most one recovered sequence
 * and each recovered one serves at most one true one: the assignment with the most exact pairs and, among those, the
 * largest sum of ROUGE-1 and ROUGE-2. A true sequence without a partner counts 0.
 *
 * @param sequences true sequences
 * @param exactSequences true sequences recovered with the same ids at the same offset
 * @param rouge1 F-measure of shared tokens, 0–1, averaged over true sequences
 * @param rouge2 F-measure of shared token pairs, 0–1, averaged over true sequences
 * @param tokenRecall fraction of the batch's tokens, counted with repeats, that the assigned recovered sequences hold
 *     anywhere, 0–1
 */
public record RecoveryScore(int sequences, int exactSequences, double rouge1, double rouge2, double tokenRecall) {
    /** Scores a reconstruction. */
    public static RecoveryScore of(ClientBatch truth, Reconstruction result) {
        TokenBatch batch = truth.tokens();
        List<RecoveredSequence> recovered = result.sequences();
        int count = batch.sequences().size();
        double[][] value = new double[count][recovered.size()];
        for (int s = 0; s < count; s++) {
            int[] reference = batch.sequences().get(s);
            for (int r = 0; r < recovered.size(); r++) {
                int[] candidate = recovered.get(r).tokens();
                value[s][r] = Rouge.fMeasure(reference, candidate, 1) + Rouge.fMeasure(reference, candidate, 2);
                if (isExact(batch, s, recovered.get(r))) {
                    // More than all the ROUGE a batch can have, so that exact pairs come first.
                    value[s][r] += 2.0 * count + 1;
                }
            }
        }
        int[] partner = Assignment.largest(value);
        int exact = 0;
        double rouge1 = 0;
        double rouge2 = 0;
        Map<Integer, Integer> available = new HashMap<>();
        for (int s = 0; s < count; s++) {
            if (partner[s] >= 0) {
                RecoveredSequence candidate = recovered.get(partner[s]);
                int[] reference = batch.sequences().get(s);
                exact += isExact(batch, s, candidate) ? 1 : 0;
                rouge1 += Rouge.fMeasure(reference, candidate.tokens(), 1);
                rouge2 += Rouge.fMeasure(reference, candidate.tokens(), 2);
                for (int token : candidate.tokens()) {
                    available.merge(token, 1, Integer::sum);
                }
            }
        }
        return new RecoveryScore(count, exact, rouge1 / count, rouge2 / count, recall(batch, available));
    }

    private static boolean isExact(TokenBatch batch, int sequence, RecoveredSequence candidate) {
        return batch.offsets()[sequence] == candidate.offset()
                && Arrays.equals(batch.sequences().get(sequence), candidate.tokens());
    }

    private static double recall(TokenBatch batch, Map<Integer, Integer> available) {
        int found = 0;
        for (int[] sequence : batch.sequences()) {
            for (int token : sequence) {
                int left = available.getOrDefault(token, 0);
                if (left > 0) {
                    available.put(token, left - 1);
                    found++;
                }
            }
        }
        return (double) found / batch.tokens();
    }
}
