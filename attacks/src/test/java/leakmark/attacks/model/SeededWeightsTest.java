package leakmark.attacks.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import leakmark.attacks.AttackException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SeededWeightsTest {
    private final ModelConfiguration tiny = Presets.configuration("tiny");
    private final SeededWeights weights = new SeededWeights(tiny, 7);

    /** Bits from another program: SplitMix64 in Python integers, quantiles by Wichura's AS241. */
    @ParameterizedTest
    @CsvSource({
        "wte.weight, 0, bd1140f4",
        "wte.weight, 32767, bc57e56b",
        "wpe.weight, 1, 3c830bb1",
        "h.1.attn.c_proj.weight, 5, 3a246af5",
        "h.1.mlp.c_proj.weight, 16383, 3bb2c022",
        "h.0.ln_1.weight, 3, 3f709a26",
        "ln_f.bias, 63, bd695b79",
        "score.weight, 127, bc2d08bb",
        "h.0.attn.c_attn.bias, 191, 3ba11727",
    })
    void pinsValues(String name, int index, String bits) {
        assertEquals(
                bits,
                Integer.toHexString(Float.floatToRawIntBits(weights.get(name).data()[index])));
    }

    /** Standard errors: σ/√n of the mean, σ/√(2n) of the deviation; five of them are allowed. */
    @ParameterizedTest
    @CsvSource({
        "wte.weight, 0, 0.02",
        "wpe.weight, 0, 0.01",
        "h.0.attn.c_attn.weight, 0, 0.02",
        "h.0.attn.c_attn.bias, 0, 0.02",
        "h.1.attn.c_proj.weight, 0, 0.01",
        "h.1.mlp.c_fc.weight, 0, 0.02",
        "h.1.mlp.c_proj.weight, 0, 0.01",
        "h.1.mlp.c_proj.bias, 0, 0.02",
        "h.0.ln_2.weight, 1, 0.3",
        "ln_f.bias, 0, 0.1",
        "score.weight, 0, 0.02",
    })
    void drawsTheStatedDistribution(String name, double mean, double deviation) {
        float[] values = weights.get(name).data();
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        double squares = 0;
        for (float value : values) {
            squares += (value - sum / values.length) * (value - sum / values.length);
        }
        int n = values.length;
        assertEquals(mean, sum / n, 5 * deviation / Math.sqrt(n));
        assertEquals(deviation, Math.sqrt(squares / (n - 1)), 5 * deviation / Math.sqrt(2.0 * n));
    }

    @Test
    void seedsAndNamesAreUncorrelated() {
        float[] one = weights.get("h.0.mlp.c_fc.weight").data();
        float[] two = weights.get("h.1.mlp.c_fc.weight").data();
        float[] three = new SeededWeights(tiny, 8).get("h.0.mlp.c_fc.weight").data();
        double otherName = 0;
        double otherSeed = 0;
        for (int i = 0; i < one.length; i++) {
            otherName += one[i] * two[i] / (0.02 * 0.02);
            otherSeed += one[i] * three[i] / (0.02 * 0.02);
        }
        assertEquals(0, otherName, 5 * Math.sqrt(one.length));
        assertEquals(0, otherSeed, 5 * Math.sqrt(one.length));
    }

    @Test
    void scalesWithTheStandardDeviation() {
        float[] wide = new SeededWeights(tiny, 7, 0.04).get("wte.weight").data();
        float[] values = weights.get("wte.weight").data();
        for (int i = 0; i < values.length; i++) {
            assertEquals(2 * values[i], wide[i]);
        }
    }

    @Test
    void manyThreadsFillWhatOneWould() {
        // 786,432 values: enough for up to six threads.
        float[] values = new SeededWeights(Presets.configuration("gpt2"), 3)
                .get("wpe.weight")
                .data();
        float[] expected = new float[values.length];
        NormalDeviates.fill(NormalDeviates.stream(3, "wpe.weight"), 0, 0.01, expected, 0, expected.length);
        assertArrayEquals(expected, values);
    }

    @Test
    void threadsShareOneTensor() throws InterruptedException {
        SeededWeights fresh = new SeededWeights(Presets.configuration("small"), 1);
        Set<Tensor> seen = Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()));
        CountDownLatch done = new CountDownLatch(8);
        ExecutorService threads = Executors.newFixedThreadPool(8);
        for (int i = 0; i < 8; i++) {
            threads.execute(() -> {
                seen.add(fresh.get("wpe.weight"));
                done.countDown();
            });
        }
        threads.shutdown();
        assertTrue(done.await(10, TimeUnit.SECONDS));
        assertEquals(1, seen.size());
    }

    @Test
    void namesAndShapesAreTheModels() {
        List<String> names = List.copyOf(weights.names());
        assertEquals(2 + 2 * 12 + 3, names.size());
        assertEquals(List.of("wte.weight", "wpe.weight", "h.0.ln_1.weight", "h.0.ln_1.bias"), names.subList(0, 4));
        assertEquals(List.of("ln_f.weight", "ln_f.bias", "score.weight"), names.subList(26, 29));
        for (String name : names) {
            assertArrayEquals(
                    tiny.parameterShapes().get(name), weights.get(name).shape(), name);
        }
        assertArrayEquals(
                new int[] {64, 192}, weights.get("h.1.attn.c_attn.weight").shape());
        assertArrayEquals(new int[] {64, 2}, weights.get("score.weight").shape());
        assertSame(weights.get("wte.weight"), weights.get("wte.weight"));
        assertThrows(IllegalArgumentException.class, () -> weights.get("h.2.ln_1.weight"));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -0.02, Double.NaN, Double.POSITIVE_INFINITY})
    void refusesAnImpossibleDeviation(double deviation) {
        assertThrows(AttackException.class, () -> new SeededWeights(tiny, 1, deviation));
    }

    /** Percentage points of the standard normal distribution, from tables. */
    @ParameterizedTest
    @CsvSource({
        "1e-9, -5.997807015007686",
        "1e-6, -4.753424308822899",
        "0.001, -3.090232306167813",
        "0.025, -1.959963984540054",
        "0.1, -1.281551565544600",
        "0.75, 0.674489750196082",
        "0.99, 2.326347874040841",
        "0.9999, 3.719016485455709",
    })
    void invertsTheNormalDistribution(double p, double expected) {
        assertEquals(expected, NormalDeviates.quantile(p), 1.2e-9 * Math.abs(expected));
    }
}
