package leakmark.attacks.defences;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import leakmark.attacks.AttackException;
import leakmark.attacks.model.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Defences against values worked out by hand, sorted copies, and moments with their own standard errors. */
class DefencesTest {
    private static float[] applied(String specification, float... values) {
        return values(Protection.parse(specification).apply(Map.of("w", Tensor.vector(values)), 7), "w");
    }

    private static float[] values(Map<String, Tensor> gradient, String name) {
        return java.util.Objects.requireNonNull(gradient.get(name)).data();
    }

    private static float[] normal(int n) {
        Random random = new Random(3);
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /** IEEE 754: 11 significant bits, ties to even, steps of 2⁻²⁴ below 2⁻¹⁴. */
    @Test
    void fp16RoundsAsIeeeSays() {
        assertArrayEquals(
                new float[] {1, 1 + 0x1p-9f, -1 - 0x1p-10f, 65504, 0, 0x1p-23f, 0x1p-24f, 0},
                applied(
                        "fp16",
                        1 + 0x1p-11f,
                        1 + 3 * 0x1p-11f,
                        -1 - 0x1.1p-11f,
                        65519,
                        0x1p-25f,
                        3 * 0x1p-25f,
                        0x1.1p-25f,
                        0));
        assertThrows(AttackException.class, () -> applied("fp16", 65520));
    }

    @Test
    void bf16KeepsEightBits() {
        assertArrayEquals(
                new float[] {1, 1 + 0x1p-6f, -1 - 0x1p-7f, 0x1p100f, 0x1.02p-100f},
                applied("bf16", 1 + 0x1p-8f, 1 + 3 * 0x1p-8f, -1 - 0x1.1p-8f, 0x1p100f, 0x1.02p-100f));
    }

    @Test
    void int8IsWholeLevels() {
        assertArrayEquals(new float[] {12.7f, -0.1f, 0, 0.1f}, applied("int8", 12.7f, -0.149f, 0.049f, 0.051f), 1e-6f);
        float[] zeros = applied("int8", 0, 0);
        assertArrayEquals(new float[2], zeros);
    }

    /** The mean is right: 40,000 draws of a rest of 0.3 levels have a standard error of √0.21/200 = 0.0023 levels. */
    @Test
    void stochasticRoundingHasNoBias() {
        float[] values = new float[40_001];
        Arrays.fill(values, 0.3f);
        values[0] = 127;
        float[] rounded = applied("int8-stochastic", values);
        double mean = 0;
        for (int i = 1; i < rounded.length; i++) {
            assertTrue(rounded[i] == 0 || rounded[i] == 1, () -> "no level");
            mean += rounded[i] / 40_000.0;
        }
        assertEquals(0.3, mean, 5 * 0.0023);
    }

    /** Mean 0, variance (σ‖g‖)², and the fourth moment that tells the distributions apart: 3 and 6. */
    @ParameterizedTest
    @CsvSource({"gaussian, 3", "laplace, 6"})
    void noiseHasItsMoments(String kind, double kurtosis) {
        int n = 200_001;
        float[] values = normal(n);
        double norm = 0;
        for (float value : values) {
            norm += (double) value * value;
        }
        double deviation = 0.01 * Math.sqrt(norm);
        float[] noisy = applied(kind + ":0.01", values);
        double mean = 0;
        double square = 0;
        double fourth = 0;
        for (int i = 0; i < n; i++) {
            double z = ((double) noisy[i] - values[i]) / deviation;
            mean += z / n;
            square += z * z / n;
            fourth += z * z * z * z / n;
        }
        double error = 1 / Math.sqrt(n);
        assertEquals(0, mean, 5 * error);
        assertEquals(1, square, 5 * Math.sqrt(kurtosis - 1) * error);
        // Standard deviations of z⁴: √96 and √(8!·… − 36) < 50.
        assertEquals(kurtosis, fourth, 5 * 50 * error);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.1, 0.3, 0.999})
    void theLargestStay(double kept) {
        float[] values = normal(1_003);
        float[] sent = applied("top-k:" + kept, values);
        float[] magnitudes = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            magnitudes[i] = Math.abs(values[i]);
        }
        Arrays.sort(magnitudes);
        int count = (int) Math.round(kept * values.length);
        float least = magnitudes[values.length - count];
        for (int i = 0; i < values.length; i++) {
            assertEquals(Math.abs(values[i]) >= least ? values[i] : 0, sent[i]);
        }
    }

    @Test
    void tiesAreCutInOrder() {
        assertArrayEquals(new float[] {2, -1, 0, 0}, applied("top-k:0.5", 2, -1, 1, -1));
    }

    /** Pruning is by parameter, top-k over all. */
    @Test
    void pruningIsByParameter() {
        Map<String, Tensor> gradient = Map.of("a", Tensor.vector(9, 8, 7, 6), "b", Tensor.vector(4, 3, 2, 1));
        assertArrayEquals(
                new float[] {4, 3, 0, 0}, values(Protection.parse("prune:0.5").apply(gradient, 1), "b"));
        assertArrayEquals(new float[4], values(Protection.parse("top-k:0.5").apply(gradient, 1), "b"));
    }

    @Test
    void masksAreRandomAndSignsScaled() {
        float[] ones = new float[10_000];
        Arrays.fill(ones, 1);
        double kept = 0;
        for (float value : applied("mask:0.3", ones)) {
            kept += value / ones.length;
        }
        assertEquals(0.3, kept, 5 * Math.sqrt(0.21 / ones.length));
        assertArrayEquals(new float[] {2, -2, 0}, applied("sign", 5, -1, 0));
    }

    /** Two rounds by hand: m = 0.9, a quarter of four entries, then (4-fold warm-up, at least one) one entry. */
    @Test
    void compressionKeepsTheRest() {
        Protection client = Protection.parse("dgc:0.1");
        assertArrayEquals(
                new float[] {4, 0, 0, 0}, values(client.apply(Map.of("w", Tensor.vector(4, 3, 2, 1)), 1), "w"));
        // u = 0.9·(0,3,2,1) + (0,1,0,0), v = (0,3,2,1) + u: 3 + 3.7 is the largest.
        assertArrayEquals(
                new float[] {0, 6.7f, 0, 0},
                values(client.apply(Map.of("w", Tensor.vector(0, 1, 0, 0)), 1), "w"),
                1e-6f);
        // u = 0.81·(0,0,2,1), v = (0,0,3.8,1.9) + u.
        assertArrayEquals(
                new float[] {0, 0, 5.42f, 0},
                values(client.apply(Map.of("w", Tensor.vector(0, 0, 0, 0)), 1), "w"),
                1e-6f);
    }

    /** What TensorFlow Privacy states for its MNIST examples (60,000 images, batches of 256, δ = 1e-5). */
    @ParameterizedTest
    @CsvSource({"1.3, 15, 1.19", "1.1, 60, 3.01", "0.7, 45, 7.10"})
    void accountantAgreesWithTensorFlowPrivacy(double multiplier, int epochs, double epsilon) {
        long steps = epochs * 60_000L / 256;
        // Whole orders only: at most a few per cent above the fractional ones used there.
        assertEquals(epsilon, RdpAccountant.epsilon(multiplier, 256 / 60_000.0, steps, 1e-5), 0.03 * epsilon);
    }

    /** Without sampling the minimum over real orders is known: 1/(2z²) + √(2 ln(1/δ))/z. */
    @Test
    void accountantWithoutSampling() {
        double exact = 0.5 / 9 + Math.sqrt(2 * Math.log(1e5)) / 3;
        double found = RdpAccountant.epsilon(3, 1, 1, 1e-5);
        assertTrue(found >= exact && found <= 1.01 * exact, () -> found + " for " + exact);
        assertEquals(3, RdpAccountant.noiseMultiplier(found, 1, 1, 1e-5), 1e-4);
        assertThrows(AttackException.class, () -> RdpAccountant.noiseMultiplier(0.001, 1, 1, 1e-5));
    }

    /** Examples of length 5 and 0.5 cut to 1: their mean by hand, and noise of zC/n. */
    @Test
    void dpSgdClipsEachExample() {
        SortedMap<String, Tensor> far = new TreeMap<>(Map.of("a", Tensor.vector(3), "b", Tensor.vector(4)));
        SortedMap<String, Tensor> near = new TreeMap<>(Map.of("a", Tensor.vector(0.5f), "b", Tensor.vector(0)));
        DpSgd exact = new DpSgd(1, 1e-12);
        Map<String, Tensor> mean = exact.release(List.of(far, near), new SplittableRandom(1));
        assertEquals(0.55f, values(mean, "a")[0], 1e-6f);
        assertEquals(0.4f, values(mean, "b")[0], 1e-6f);
        SortedMap<String, Tensor> zeros = new TreeMap<>(Map.of("a", Tensor.vector(new float[20_000])));
        double square = 0;
        for (float value : values(new DpSgd(2, 3).release(List.of(zeros, zeros), new SplittableRandom(1)), "a")) {
            square += (double) value * value / 20_000;
        }
        assertEquals(9, square, 5 * 9 * Math.sqrt(2 / 20_000.0));
    }

    @Test
    void chainsKeepTheirOrderAndTheirLabel() {
        assertEquals("top-k:0.3+bf16", Protection.parse("top-k:0.3+bf16").label());
        assertArrayEquals(new float[] {1, 0}, applied("top-k:0.5+bf16", 1 + 0x1p-8f, 0.5f));
        assertFalse(Protection.parse("dp-sgd:1:0.5+int8").isNone());
        // 0.3 of 1000 entries at 16 bits, and one bit an entry says which: 600 + 125 bytes.
        assertEquals(725, Protection.parse("top-k:0.3+bf16").bytes(1_000));
        assertEquals(4_000, Protection.parse("gaussian:0.1").bytes(1_000));
        // 10 entries of 32 bits and their 32-bit indices.
        assertEquals(80, Protection.parse("top-k:0.01").bytes(1_000));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "noise:1",
                "gaussian",
                "gaussian:0",
                "gaussian:-1",
                "gaussian:NaN",
                "gaussian:1e400",
                "gaussian:x",
                "bf16:3",
                "prune:1",
                "top-k:0",
                "mask:1.5",
                "bf16+",
                "bf16+dp-sgd:1:1",
                "dp-sgd:1",
                "dp-sgd:0:1",
                "dp-sgd:1:eps=0.001"
            })
    void wrongSpecificationsAreOneLine(String specification) {
        AttackException failure = assertThrows(AttackException.class, () -> Protection.parse(specification));
        assertFalse(String.valueOf(failure.getMessage()).contains("\n"));
    }

    /** Every kind's own sweep can be made. */
    @Test
    void sweepsAreValid() {
        for (DefenceKind kind : DefenceKind.values()) {
            assertFalse(kind.sweep().isEmpty());
            for (String specification : kind.sweep()) {
                assertEquals(kind.label(), specification.split(":", -1)[0]);
                assertFalse(Protection.parse(specification).isNone());
            }
        }
    }
}
