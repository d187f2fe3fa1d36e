package leakmark.attacks.client;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import leakmark.attacks.TokenBatch;

/**
 * What masked language modelling makes of a sentence (Devlin et al. 2019): 15 % of the tokens between first and last are to be
 * predicted, at least one; of these 80 % are masked, 10 % replaced by any token, 10 % stay.
 *
 * @param mask id of [MASK]
 * @param vocabularySize V
 */
public record Masking(int mask, int vocabularySize) {
    private static final double PREDICTED = 0.15;

    /** Masks tokens in place; returns what they were, {@link TokenBatch#NO_TARGET} elsewhere. */
    int[] apply(int[] tokens, SplittableRandom random) {
        int[] targets = new int[tokens.length];
        int sure = 1 + random.nextInt(tokens.length - 2);
        for (int i = 0; i < tokens.length; i++) {
            targets[i] = TokenBatch.NO_TARGET;
            boolean inside = i > 0 && i < tokens.length - 1;
            if (i == sure || (inside && random.nextDouble() < PREDICTED)) {
                targets[i] = tokens[i];
                double fate = random.nextDouble();
                if (fate < 0.8) {
                    tokens[i] = mask;
                } else if (fate < 0.9) {
                    tokens[i] = random.nextInt(vocabularySize);
                }
            }
        }
        return targets;
    }

    /** The batch as the model sees it; the sentences stay, the same seed masks the same. */
    public ClientBatch masked(ClientBatch batch, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<int[]> seen = new ArrayList<>();
        List<int[]> targets = new ArrayList<>();
        for (int[] sequence : batch.tokens().sequences()) {
            int[] tokens = sequence.clone();
            targets.add(apply(tokens, random));
            seen.add(tokens);
        }
        return new ClientBatch(
                batch.sentences(),
                new TokenBatch(seen, batch.tokens().offsets(), batch.tokens().labels(), targets));
    }
}
