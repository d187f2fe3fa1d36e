package leakmark.attacks.defences;

import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.Map;
import leakmark.attacks.AttackException;

/** Shamir's secret sharing (1979) over the integers modulo 2⁵²¹ − 1: any t shares give the secret, fewer say nothing. */
final class ShamirShares {
    private static final BigInteger PRIME = BigInteger.ONE.shiftLeft(521).subtract(BigInteger.ONE);

    private ShamirShares() {}

    /** Shares by holder, 1 … holders: values of a random polynomial of degree t − 1 whose constant is the secret. */
    static Map<Integer, BigInteger> split(BigInteger secret, int holders, int threshold, SecureRandom random) {
        BigInteger[] coefficients = new BigInteger[threshold];
        coefficients[0] = secret;
        for (int k = 1; k < threshold; k++) {
            coefficients[k] = new BigInteger(PRIME.bitLength() + 64, random).mod(PRIME);
        }
        Map<Integer, BigInteger> shares = new LinkedHashMap<>();
        for (int holder = 1; holder <= holders; holder++) {
            BigInteger value = BigInteger.ZERO;
            for (int k = threshold - 1; k >= 0; k--) {
                value = value.multiply(BigInteger.valueOf(holder))
                        .add(coefficients[k])
                        .mod(PRIME);
            }
            shares.put(holder, value);
        }
        return shares;
    }

    /**
     * The secret, by interpolation at 0.
     *
     * @throws AttackException if there are fewer shares than the threshold
     */
    static BigInteger join(Map<Integer, BigInteger> shares, int threshold) {
        if (shares.size() < threshold) {
            throw new AttackException(shares.size() + " shares are below the threshold of " + threshold
                    + ": the masks of clients that left cannot be removed; wait for more clients");
        }
        BigInteger secret = BigInteger.ZERO;
        for (Map.Entry<Integer, BigInteger> share : shares.entrySet()) {
            BigInteger above = BigInteger.ONE;
            BigInteger below = BigInteger.ONE;
            for (int other : shares.keySet()) {
                if (other != share.getKey()) {
                    above = above.multiply(BigInteger.valueOf(-other)).mod(PRIME);
                    below = below.multiply(BigInteger.valueOf(share.getKey() - other))
                            .mod(PRIME);
                }
            }
            BigInteger weight = above.multiply(below.modInverse(PRIME));
            secret = secret.add(share.getValue().multiply(weight)).mod(PRIME);
        }
        return secret;
    }
}
