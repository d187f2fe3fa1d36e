package leakmark.attacks.defences;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.interfaces.XECPrivateKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.XECPrivateKeySpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import leakmark.attacks.AttackException;

/**
 * Secure aggregation (Bonawitz et al., CCS 2017), one round, honest-but-curious server: it learns the sum and nothing else.
 *
 * <p>Each pair of clients agrees on a key (X25519, HKDF), which AES-CTR stretches to a mask; the one adds it, the other takes
 * it off, in fixed point modulo 2³². Each private key is shared among all clients, so that masks of those that leave can be
 * removed if enough stay. The double masking against a server that lies about who left is not part of it.
 */
public final class SecureAggregation {
    private static final String CURVE = "X25519";
    private static final int KEY_BYTES = 32;

    private final int threshold;
    private final double quantum;
    private final List<KeyPair> keys = new ArrayList<>();
    private final List<Map<Integer, BigInteger>> shares = new ArrayList<>();

    /**
     * Keys and shares of a round.
     *
     * @param clients at least two
     * @param threshold clients that must stay, at most all and more than half
     * @param largest bound on the magnitude of an entry
     * @throws AttackException if a number is out of range
     */
    public SecureAggregation(int clients, int threshold, double largest) {
        if (clients < 2 || threshold > clients || 2 * threshold <= clients || !(largest > 0 && largest < 1e30)) {
            throw new AttackException(
                    "secure aggregation needs two clients or more, a threshold above half of them and a"
                            + " positive bound, not " + clients + ", " + threshold + " and " + largest);
        }
        this.threshold = threshold;
        this.quantum = largest * clients / Integer.MAX_VALUE;
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(CURVE);
            SecureRandom random = new SecureRandom();
            for (int c = 0; c < clients; c++) {
                KeyPair pair = generator.generateKeyPair();
                keys.add(pair);
                byte[] scalar = ((XECPrivateKey) pair.getPrivate()).getScalar().orElseThrow();
                shares.add(ShamirShares.split(new BigInteger(1, scalar), clients, threshold, random));
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no " + CURVE, e);
        }
    }

    /** Step of the fixed point: a sum is off by at most half of it a client. */
    public double quantum() {
        return quantum;
    }

    /**
     * What a client sends.
     *
     * @throws AttackException if an entry is beyond the bound
     */
    public int[] masked(int client, float[] gradient) {
        int[] sent = new int[gradient.length];
        double most = (double) Integer.MAX_VALUE / keys.size();
        for (int i = 0; i < sent.length; i++) {
            double level = Math.rint(gradient[i] / quantum);
            if (!(Math.abs(level) <= most)) {
                throw new AttackException("an entry of " + gradient[i] + " is beyond the bound of secure aggregation, "
                        + most * quantum + "; clip the gradient or raise the bound");
            }
            sent[i] = (int) level;
        }
        PrivateKey own = keys.get(client).getPrivate();
        for (int other = 0; other < keys.size(); other++) {
            if (other != client) {
                add(sent, own, keys.get(other).getPublic(), client < other);
            }
        }
        return sent;
    }

    /**
     * What the server learns: the sum over the clients that sent something.
     *
     * @param sent by client
     * @throws AttackException if fewer clients stay than the threshold
     */
    public float[] sum(Map<Integer, int[]> sent) {
        int[] total = new int[sent.values().iterator().next().length];
        for (int[] values : sent.values()) {
            for (int i = 0; i < total.length; i++) {
                total[i] += values[i];
            }
        }
        for (int left = 0; left < keys.size(); left++) {
            if (!sent.containsKey(left)) {
                PrivateKey key = recovered(left, sent);
                for (int stayed : sent.keySet()) {
                    // The one who stayed had added this mask if its number is lower: take it off again.
                    add(total, key, keys.get(stayed).getPublic(), left < stayed);
                }
            }
        }
        float[] sum = new float[total.length];
        for (int i = 0; i < sum.length; i++) {
            sum[i] = (float) (total[i] * quantum);
        }
        return sum;
    }

    private PrivateKey recovered(int left, Map<Integer, int[]> sent) {
        Map<Integer, BigInteger> held = new LinkedHashMap<>();
        for (int stayed : new TreeMap<>(sent).keySet()) {
            BigInteger share = shares.get(left).get(stayed + 1);
            if (share != null) {
                held.put(stayed + 1, share);
            }
        }
        byte[] scalar = new byte[KEY_BYTES];
        byte[] bytes = ShamirShares.join(held, threshold).toByteArray();
        int count = Math.min(bytes.length, KEY_BYTES);
        System.arraycopy(bytes, bytes.length - count, scalar, KEY_BYTES - count, count);
        try {
            return KeyFactory.getInstance(CURVE)
                    .generatePrivate(new XECPrivateKeySpec(NamedParameterSpec.X25519, scalar));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a recovered key is none", e);
        }
    }

    private static void add(int[] values, PrivateKey own, PublicKey other, boolean plus) {
        int[] mask = mask(own, other, values.length);
        for (int i = 0; i < values.length; i++) {
            values[i] += plus ? mask[i] : -mask[i];
        }
    }

    private static int[] mask(PrivateKey own, PublicKey other, int length) {
        try {
            KeyAgreement agreement = KeyAgreement.getInstance(CURVE);
            agreement.init(own);
            agreement.doPhase(other, true);
            byte[] info = "leakmark secure aggregation".getBytes(StandardCharsets.UTF_8);
            byte[] key = Hkdf.derive(agreement.generateSecret(), new byte[0], info, KEY_BYTES);
            Cipher stream = Cipher.getInstance("AES/CTR/NoPadding");
            stream.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(new byte[16]));
            int[] mask = new int[length];
            ByteBuffer.wrap(stream.doFinal(new byte[Integer.BYTES * length]))
                    .asIntBuffer()
                    .get(mask);
            return mask;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("masks need X25519, HMAC and AES of the JDK", e);
        }
    }
}
