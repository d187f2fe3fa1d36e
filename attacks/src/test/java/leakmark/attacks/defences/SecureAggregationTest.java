package leakmark.attacks.defences;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import leakmark.attacks.AttackException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SecureAggregationTest {
    private static final int N = 1_003;

    private static float[] gradient(int client) {
        Random random = new Random(client);
        float[] values = new float[N];
        for (int i = 0; i < N; i++) {
            values[i] = (float) (0.1 * random.nextGaussian());
        }
        return values;
    }

    /** Five clients of whom some leave: the sum of those that stay, to half a quantum each. */
    @ParameterizedTest
    @CsvSource({"0, 5", "0, 4", "1, 5", "2, 5"})
    void theServerGetsTheSumOfThoseWhoStay(int from, int to) {
        SecureAggregation round = new SecureAggregation(5, 3, 10);
        Map<Integer, int[]> sent = new LinkedHashMap<>();
        double[] expected = new double[N];
        for (int c = from; c < to; c++) {
            sent.put(c, round.masked(c, gradient(c)));
            for (int i = 0; i < N; i++) {
                expected[i] += gradient(c)[i];
            }
        }
        float[] sum = round.sum(sent);
        for (int i = 0; i < N; i++) {
            assertEquals(expected[i], sum[i], 2.5 * round.quantum() + 1e-7);
        }
    }

    /** One client's message says nothing: uniform, and not correlated with its gradient (standard error 1/√N). */
    @Test
    void oneMessageIsNoise() {
        float[] gradient = gradient(1);
        int[] sent = new SecureAggregation(2, 2, 10).masked(1, gradient);
        double product = 0;
        double squares = 0;
        double whole = 0;
        for (int i = 0; i < N; i++) {
            product += (double) sent[i] * gradient[i];
            squares += (double) sent[i] * sent[i];
            whole += (double) gradient[i] * gradient[i];
        }
        assertEquals(0, product / Math.sqrt(squares * whole), 5 / Math.sqrt(N));
        // Uniform over 2³² values: variance 2⁶⁴/12, its estimate good to √(0.8/N).
        assertEquals(1, 12 * squares / N / 0x1p64, 5 * Math.sqrt(0.8 / N));
    }

    @Test
    void tooFewClientsAndTooLargeEntriesAreRefused() {
        SecureAggregation round = new SecureAggregation(5, 3, 1);
        Map<Integer, int[]> two = Map.of(0, round.masked(0, gradient(0)), 4, round.masked(4, gradient(4)));
        AttackException failure = assertThrows(AttackException.class, () -> round.sum(two));
        assertTrue(String.valueOf(failure.getMessage()).contains("below the threshold of 3"));
        assertThrows(AttackException.class, () -> round.masked(0, new float[] {2}));
        assertThrows(AttackException.class, () -> new SecureAggregation(1, 1, 1));
        assertThrows(AttackException.class, () -> new SecureAggregation(4, 2, 1));
    }

    @Test
    void anyThreeSharesGiveTheSecret() {
        BigInteger secret = new BigInteger(256, new Random(4));
        Map<Integer, BigInteger> shares = ShamirShares.split(secret, 6, 3, new SecureRandom());
        for (int[] holders : new int[][] {{1, 2, 3}, {6, 1, 4}, {2, 5, 6}}) {
            Map<Integer, BigInteger> some = new LinkedHashMap<>();
            for (int holder : holders) {
                some.put(holder, java.util.Objects.requireNonNull(shares.get(holder)));
            }
            assertEquals(secret, ShamirShares.join(some, 3));
        }
    }

    /** RFC 5869, test cases 1 and 3. */
    @Test
    void hkdfAgreesWithItsStandard() throws Exception {
        HexFormat hex = HexFormat.of();
        byte[] secret = hex.parseHex("0b".repeat(22));
        assertArrayEquals(
                hex.parseHex("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"),
                Hkdf.derive(
                        secret, hex.parseHex("000102030405060708090a0b0c"), hex.parseHex("f0f1f2f3f4f5f6f7f8f9"), 42));
        assertArrayEquals(
                hex.parseHex("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"),
                Hkdf.derive(secret, new byte[0], new byte[0], 42));
    }
}
