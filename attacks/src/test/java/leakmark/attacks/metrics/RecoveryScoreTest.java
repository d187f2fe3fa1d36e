package leakmark.attacks.metrics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.Random;
import leakmark.attacks.Reconstruction;
import leakmark.attacks.Reconstruction.RecoveredSequence;
import leakmark.attacks.TokenBatch;
import leakmark.attacks.client.ClientBatch;
import leakmark.attacks.optim.Assignment;
import org.junit.jupiter.api.Test;

class RecoveryScoreTest {
    private static final ClientBatch TRUTH = new ClientBatch(
            List.of("the cat sat on the mat", "the dog ran", "a bird sang well"),
            new TokenBatch(
                    List.of(new int[] {1, 2, 3, 4, 1, 5}, new int[] {1, 6, 7}, new int[] {8, 9, 10, 11}),
                    new int[] {0, 3, 2},
                    new int[3]));

    @Test
    void everythingInAnyOrder() {
        assertEquals(
                new RecoveryScore(3, 3, 1, 1, 1), score(at(2, 8, 9, 10, 11), at(0, 1, 2, 3, 4, 1, 5), at(3, 1, 6, 7)));
    }

    @Test
    void nothing() {
        assertEquals(new RecoveryScore(3, 0, 0, 0, 0), score());
    }

    @Test
    void theOffsetCounts() {
        assertEquals(
                new RecoveryScore(3, 2, 1, 1, 1), score(at(2, 8, 9, 10, 11), at(0, 1, 2, 3, 4, 1, 5), at(0, 1, 6, 7)));
    }

    @Test
    void handComputedParts() {
        // "the the cat sat": 4 of 6 + 4 unigrams shared (the, the, cat, sat), and of 5 + 3 pairs (cat sat), (the cat).
        // "dog the": unigrams 2 of 3 + 2, no pair of 2 + 1.
        RecoveryScore score = score(at(0, 1, 1, 2, 3), at(3, 6, 1));
        assertEquals(0, score.exactSequences());
        assertEquals((8.0 / 10 + 4.0 / 5) / 3, score.rouge1(), 1e-15);
        assertEquals((4.0 / 8) / 3, score.rouge2(), 1e-15);
        // the, the, the, cat, sat and dog of 13 tokens.
        assertEquals(6.0 / 13, score.tokenRecall(), 1e-15);
    }

    @Test
    void oneSequenceServesOneReference() {
        RecoveryScore score = score(at(3, 1, 6, 7));
        assertEquals(1, score.exactSequences());
        assertEquals(1.0 / 3, score.rouge1(), 1e-15);
        assertEquals(3.0 / 13, score.tokenRecall(), 1e-15);
    }

    @Test
    void exactPairsComeBeforeAnyRouge() {
        // Both texts are "1 2 3 4"; taking the exact pair leaves "9" for the other reference, which shares nothing.
        ClientBatch truth = new ClientBatch(
                List.of("a", "b"),
                new TokenBatch(List.of(new int[] {1, 2, 3, 4}, new int[] {1, 2, 3, 5}), new int[] {0, 0}, new int[2]));
        RecoveryScore score =
                RecoveryScore.of(truth, result(List.of(at(0, 1, 2, 3, 5), at(0, 5, 4, 3, 2, 1), at(1, 1, 2, 3, 4))));
        assertEquals(1, score.exactSequences());
        assertEquals(1, score.rouge1(), 1e-15);
    }

    @Test
    void theAssignmentBeatsEveryPermutation() {
        Random random = new Random(3);
        for (int trial = 0; trial < 200; trial++) {
            int rows = random.nextInt(6);
            int columns = random.nextInt(6);
            double[][] value = new double[rows][columns];
            for (double[] row : value) {
                for (int column = 0; column < columns; column++) {
                    row[column] = random.nextInt(5) * 0.5;
                }
            }
            int[] chosen = Assignment.largest(value);
            double sum = 0;
            boolean[] taken = new boolean[columns];
            int assigned = 0;
            for (int row = 0; row < rows; row++) {
                if (chosen[row] >= 0) {
                    assertEquals(false, taken[chosen[row]]);
                    taken[chosen[row]] = true;
                    sum += value[row][chosen[row]];
                    assigned++;
                }
            }
            assertEquals(Math.min(rows, columns), assigned);
            assertEquals(best(value, 0, new boolean[columns]), sum);
        }
        assertArrayEquals(new int[] {-1, -1}, Assignment.largest(new double[2][0]));
    }

    /** Tries everything, leaving rows out too: values are not negative. */
    private static double best(double[][] value, int row, boolean[] taken) {
        if (row == value.length) {
            return 0;
        }
        double best = best(value, row + 1, taken);
        for (int column = 0; column < taken.length; column++) {
            if (!taken[column]) {
                taken[column] = true;
                best = Math.max(best, value[row][column] + best(value, row + 1, taken));
                taken[column] = false;
            }
        }
        return best;
    }

    private static RecoveryScore score(RecoveredSequence... recovered) {
        return RecoveryScore.of(TRUTH, result(List.of(recovered)));
    }

    private static Reconstruction result(List<RecoveredSequence> recovered) {
        return new Reconstruction(recovered, Map.of(), null, Map.of());
    }

    private static RecoveredSequence at(int offset, int... tokens) {
        return new RecoveredSequence(tokens, offset);
    }
}
