package leakmark.attacks.defences;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** HKDF with SHA-256 (RFC 5869), which the JDK has from version 25 on only. */
final class Hkdf {
    private static final String HASH = "HmacSHA256";
    private static final int HASH_BYTES = 32;

    private Hkdf() {}

    /** {@code length} bytes of key material, at most 255 · 32. */
    static byte[] derive(byte[] secret, byte[] salt, byte[] info, int length) throws GeneralSecurityException {
        byte[] pseudorandom = mac(salt.length == 0 ? new byte[HASH_BYTES] : salt, secret);
        byte[] result = new byte[length];
        byte[] block = new byte[0];
        int at = 0;
        for (int counter = 1; at < length; counter++) {
            byte[] input = Arrays.copyOf(block, block.length + info.length + 1);
            System.arraycopy(info, 0, input, block.length, info.length);
            input[input.length - 1] = (byte) counter;
            block = mac(pseudorandom, input);
            int part = Math.min(HASH_BYTES, length - at);
            System.arraycopy(block, 0, result, at, part);
            at += part;
        }
        return result;
    }

    private static byte[] mac(byte[] key, byte[] data) throws GeneralSecurityException {
        Mac mac = Mac.getInstance(HASH);
        mac.init(new SecretKeySpec(key, HASH));
        return mac.doFinal(data);
    }
}
