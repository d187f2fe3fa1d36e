package leakmark.attacks.encryption;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import leakmark.attacks.AttackException;
import leakmark.attacks.encryption.EncryptedSum.Ciphertexts;
import org.junit.jupiter.api.Test;

class EncryptedSumTest {
    private static final int BITS = 10;
    private static final int RANGE = 2;

    private static float[] values(int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[40];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(-2, 2);
        }
        values[0] = 2;
        values[1] = -2;
        values[2] = 0;
        values[3] = seed % 2 == 0 ? 1 : -1;
        return values;
    }

    /** The oracle is a sum in float64: each client's value is off by half a step of 2/512 at most. */
    @Test
    void theServerAddsWhatTheClientsDecrypt() {
        EncryptedSum round = new EncryptedSum(4, BITS);
        List<float[]> vectors = List.of(values(0), values(1), values(2), values(3));
        Ciphertexts sum = EncryptedSum.add(
                vectors.stream().map(vector -> round.encrypt(vector, RANGE)).toList());
        float[] decrypted = round.decrypt(sum, RANGE);
        for (int i = 0; i < decrypted.length; i++) {
            double exact = 0;
            for (float[] vector : vectors) {
                exact += vector[i];
            }
            assertEquals(exact, decrypted[i], 4 * 0.5 * 2 / 512, "value " + i);
        }
        assertEquals(8, decrypted[0]);
        assertEquals(-8, decrypted[1]);
        assertEquals(0, decrypted[3]);
        assertArrayEquals(new FixedPoint(BITS, RANGE).sum(vectors), decrypted);
        assertEquals(40 * 66, sum.bytes());
    }

    /** Another round's key opens nothing, and equal values have different ciphertexts. */
    @Test
    void ciphertextsTellNothingWithoutTheKey() {
        EncryptedSum round = new EncryptedSum(2, BITS);
        EncryptedSum other = new EncryptedSum(2, BITS);
        Ciphertexts sent = round.encrypt(values(5), RANGE);
        assertThrows(AttackException.class, () -> other.decrypt(sent, RANGE));
        Ciphertexts again = round.encrypt(values(5), RANGE);
        assertArrayEquals(round.decrypt(sent, RANGE), round.decrypt(again, RANGE));
        assertTrue(sent.points().stream().noneMatch(again.points()::contains));
    }

    @Test
    void numbersOutOfRangeAreRefused() {
        assertThrows(AttackException.class, () -> new FixedPoint(1, 1));
        assertThrows(AttackException.class, () -> new FixedPoint(17, 1));
        assertThrows(AttackException.class, () -> new FixedPoint(8, 0));
        AttackException refused = assertThrows(AttackException.class, () -> new EncryptedSum(17, 16));
        assertTrue(String.valueOf(refused.getMessage()).endsWith("use fewer bits or clients"), refused.getMessage());
        // What is beyond the range is clipped.
        assertArrayEquals(new float[] {1, -1}, new FixedPoint(8, 1).sum(List.of(new float[] {3, -3})));
    }
}
