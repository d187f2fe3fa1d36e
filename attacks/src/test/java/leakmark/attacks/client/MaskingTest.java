package leakmark.attacks.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import leakmark.attacks.TokenBatch;
import leakmark.attacks.text.FramedTokenizer;
import leakmark.attacks.text.TextFile;
import leakmark.attacks.text.TextProfile;
import org.junit.jupiter.api.Test;

class MaskingTest {
    private static final FramedTokenizer TOKENIZER = FramedTokenizer.builtIn(4096);
    private static final ClientBatch BATCH =
            new BatchSampler(TOKENIZER, TextFile.corpus(TextProfile.ALL), 24, Padding.RIGHT, 2).sample(200, 1);

    private static ClientBatch masked(long seed) {
        return new Masking(TOKENIZER.mask(), 4096).masked(BATCH, seed);
    }

    @Test
    void masksAsBertWasTrained() {
        TokenBatch seen = masked(1).tokens();
        int inside = 0;
        int predicted = 0;
        int[] fates = new int[3];
        for (int s = 0; s < 200; s++) {
            int[] before = BATCH.tokens().sequences().get(s);
            int[] after = seen.sequences().get(s);
            int[] targets = seen.targets().get(s);
            int here = 0;
            for (int i = 0; i < before.length; i++) {
                if (targets[i] == TokenBatch.NO_TARGET) {
                    assertEquals(before[i], after[i]);
                } else {
                    assertTrue(i > 0 && i < before.length - 1, "the frame is never predicted");
                    assertEquals(before[i], targets[i]);
                    fates[after[i] == TOKENIZER.mask() ? 0 : after[i] == before[i] ? 2 : 1]++;
                    here++;
                }
            }
            assertTrue(here > 0, "a sentence without a target");
            inside += before.length - 2;
            predicted += here;
        }
        // One token surely, the others at 15 %; four standard deviations of some 600 draws.
        double expected = 200 + 0.15 * (inside - 200);
        assertTrue(Math.abs(predicted - expected) < 4 * Math.sqrt(0.15 * 0.85 * inside), predicted + " of " + inside);
        assertEquals(0.8, (double) fates[0] / predicted, 4 * Math.sqrt(0.16 / predicted));
        assertEquals(0.1, (double) fates[1] / predicted, 4 * Math.sqrt(0.09 / predicted));
        assertEquals(0.1, (double) fates[2] / predicted, 4 * Math.sqrt(0.09 / predicted));
    }

    @Test
    void aSeedMasksTheSameAndLeavesTheBatchAlone() {
        List<int[]> before = new ArrayList<>();
        BATCH.tokens().sequences().forEach(tokens -> before.add(tokens.clone()));
        TokenBatch first = masked(7).tokens();
        TokenBatch second = masked(7).tokens();
        for (int s = 0; s < 200; s++) {
            assertArrayEquals(first.sequences().get(s), second.sequences().get(s));
            assertArrayEquals(before.get(s), BATCH.tokens().sequences().get(s));
        }
        assertEquals(BATCH.sentences(), masked(7).sentences());
    }
}
