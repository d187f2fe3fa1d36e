package leakmark.attacks.encryption;

import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import leakmark.attacks.AttackException;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.ec.ECElGamalDecryptor;
import org.bouncycastle.crypto.ec.ECElGamalEncryptor;
import org.bouncycastle.crypto.ec.ECPair;
import org.bouncycastle.crypto.generators.ECKeyPairGenerator;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECKeyGenerationParameters;
import org.bouncycastle.crypto.params.ParametersWithRandom;
import org.bouncycastle.math.ec.ECPoint;
import org.bouncycastle.math.ec.FixedPointCombMultiplier;

/**
 * Additively homomorphic encryption of vectors: ElGamal on P-256 with the value in the exponent (Cramer, Gennaro, Schoenmakers,
 * EUROCRYPT 1997). With the clients' key {@code H = x G} a whole number m becomes {@code (r G, m G + r H)}; component-wise sums
 * are ciphertexts of the sum, so a server without x adds what it cannot read. Who holds x finds m G, and m in a table of all
 * sums that there can be.
 *
 * <p>A ciphertext is two points of 33 bytes, where float32 has four, and costs three multiplications on the curve.
 */
public final class EncryptedSum {
    private static final X9ECParameters CURVE = CustomNamedCurves.getByName("secp256r1");
    private static final int POINT_BYTES = 33;

    /** Points of the table that are made affine at once. */
    private static final int CHUNK = 1 << 12;

    private final AsymmetricCipherKeyPair keys;
    private final SecureRandom random = new SecureRandom();
    private final Map<BigInteger, Integer> sums;
    private final int clients;
    private final int bits;

    /** Ciphertexts of a vector. */
    public static final class Ciphertexts {
        private final ECPair[] pairs;

        private Ciphertexts(ECPair[] pairs) {
            this.pairs = pairs;
        }

        /** Bytes on the wire, points compressed. */
        public long bytes() {
            return 2L * POINT_BYTES * pairs.length;
        }

        /** The points as they are sent. */
        List<String> points() {
            return Arrays.stream(pairs)
                    .flatMap(pair -> Stream.of(pair.getX(), pair.getY()))
                    .map(point -> HexFormat.of().formatHex(point.normalize().getEncoded(true)))
                    .toList();
        }
    }

    /**
     * Draws a key pair for the clients, and makes the table.
     *
     * @param clients whose vectors are added
     * @param bits of a value
     * @throws AttackException if the sum has more values than the table
     */
    public EncryptedSum(int clients, int bits) {
        FixedPoint.requireRoom(clients, bits);
        this.clients = clients;
        this.bits = bits;
        ECDomainParameters domain = new ECDomainParameters(CURVE);
        ECKeyPairGenerator generator = new ECKeyPairGenerator();
        generator.init(new ECKeyGenerationParameters(domain, random));
        this.keys = generator.generateKeyPair();
        this.sums = table(clients << (bits - 1));
    }

    /** Magnitudes by the first coordinate of their point. */
    private static Map<BigInteger, Integer> table(int largest) {
        Map<BigInteger, Integer> table = new HashMap<>(2 * largest);
        ECPoint last = CURVE.getCurve().getInfinity();
        for (int from = 1; from <= largest; from += CHUNK) {
            ECPoint[] points = new ECPoint[Math.min(CHUNK, largest - from + 1)];
            for (int i = 0; i < points.length; i++) {
                last = last.add(CURVE.getG());
                points[i] = last;
            }
            CURVE.getCurve().normalizeAll(points);
            last = points[points.length - 1];
            for (int i = 0; i < points.length; i++) {
                table.put(points[i].getAffineXCoord().toBigInteger(), from + i);
            }
        }
        return table;
    }

    /**
     * What a client sends; needs the public key only.
     *
     * @param range of the values, as {@link FixedPoint} has it
     */
    public Ciphertexts encrypt(float[] values, double range) {
        int[] whole = new FixedPoint(bits, range).of(values);
        ECPair[] pairs = new ECPair[whole.length];
        IntStream.range(0, pairs.length).parallel().forEach(i -> {
            ECElGamalEncryptor encryptor = new ECElGamalEncryptor();
            encryptor.init(new ParametersWithRandom(keys.getPublic(), random));
            pairs[i] = encryptor.encrypt(point(whole[i]));
        });
        return new Ciphertexts(pairs);
    }

    private static ECPoint point(int whole) {
        ECPoint point = new FixedPointCombMultiplier().multiply(CURVE.getG(), BigInteger.valueOf(Math.abs(whole)));
        return whole < 0 ? point.negate() : point;
    }

    /** What the server does, without any key: the ciphertexts of the sum. */
    public static Ciphertexts add(List<Ciphertexts> parts) {
        ECPair[] sum = parts.get(0).pairs.clone();
        for (Ciphertexts part : parts.subList(1, parts.size())) {
            IntStream.range(0, sum.length)
                    .parallel()
                    .forEach(i -> sum[i] = new ECPair(
                            sum[i].getX().add(part.pairs[i].getX()).normalize(),
                            sum[i].getY().add(part.pairs[i].getY()).normalize()));
        }
        return new Ciphertexts(sum);
    }

    /**
     * The sum, by who holds the secret key.
     *
     * @param range of the values that were encrypted
     * @throws AttackException if it is none of as many clients
     */
    public float[] decrypt(Ciphertexts sum, double range) {
        int[] whole = new int[sum.pairs.length];
        IntStream.range(0, whole.length).parallel().forEach(i -> {
            ECElGamalDecryptor decryptor = new ECElGamalDecryptor();
            decryptor.init(keys.getPrivate());
            whole[i] = whole(decryptor.decrypt(sum.pairs[i]).normalize());
        });
        return new FixedPoint(bits, range).values(whole);
    }

    private int whole(ECPoint point) {
        if (point.isInfinity()) {
            return 0;
        }
        Integer magnitude = sums.get(point.getAffineXCoord().toBigInteger());
        if (magnitude == null) {
            throw new AttackException("a decrypted sum is out of the range of " + clients + " clients");
        }
        return point.equals(point(magnitude)) ? magnitude : -magnitude;
    }
}
