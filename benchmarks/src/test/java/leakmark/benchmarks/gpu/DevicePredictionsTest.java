package leakmark.benchmarks.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import leakmark.benchmarks.run.Gate;
import leakmark.reports.result.Prediction;
import leakmark.reports.result.Result;
import leakmark.reports.result.Roof;
import leakmark.reports.result.Summary;
import org.junit.jupiter.api.Test;

class DevicePredictionsTest {
    private static Result measured(
            String benchmark, String variant, Map<String, String> params, Map<String, Double> counters) {
        List<List<Double>> rounds = List.of(List.of(100.0));
        return new Gate(List.of(new Roof("copy", 2, 10, "GB/s"), new Roof("fused multiply-add", 2, 100, "GFLOP/s")))
                .judge(new Result(
                        new Result.Key("leakmark.benchmarks.jmh." + benchmark, variant, params),
                        null,
                        new Result.Metric("ms/op", Result.Better.LOWER),
                        Result.Status.OK,
                        List.of(),
                        Map.of(),
                        null,
                        rounds,
                        Summary.of(rounds),
                        Map.of(),
                        counters));
    }

    private static Result attack(String variant, String model) {
        return measured(
                "DagerBenchmark.attack",
                variant,
                Map.of("model", model, "batchSize", "8", "sequenceLength", "24"),
                Map.of(
                        "attacks",
                        2.0,
                        "sequences",
                        16.0,
                        "exactSequences",
                        16.0,
                        "tokens",
                        300.0,
                        "inputRank",
                        348.0,
                        "distinctPrefixes",
                        370.0));
    }

    /** The table of 50257 × 768 floats takes 0.4825 ms of a T4's 320 GB/s; then one launch and one wait. */
    @Test
    void aSweepIsItsTableOverTheBandwidth() {
        Result sweep = measured(
                "TokenFilterBenchmark.sweep",
                "vector",
                Map.of("hiddenSize", "768", "vocabularySize", "50257", "sequenceLength", "64"),
                Map.of());
        // 154 MB at 10 GB/s are 15.4 ms of the 100 measured; the arithmetic takes half of that.
        assertEquals(0.154389504, sweep.counters().getOrDefault("fractionOfRoof", 0.0), 1e-9);
        List<Prediction> predictions = DevicePredictions.of(List.of(sweep));
        assertEquals(
                List.of("T4", "H200"),
                predictions.stream().map(Prediction::device).toList());
        assertEquals(154_389_504 / 320e9 + 12.5e-6, predictions.get(0).seconds(), 1e-9);
        assertEquals(154_389_504 / 4.8e12 + 12.5e-6, predictions.get(1).seconds(), 1e-9);
        assertTrue(predictions.get(0).basis().contains("not measured"));
    }

    /** An attack reads the table, the gradients and more, and its widths are known. */
    @Test
    void anAttackDeclaresTheSumOfItsKernels() {
        Result attack = attack("vector", "gpt2");
        Result.Cost cost = Objects.requireNonNull(attack.cost());
        assertTrue(cost.bytes() > 154_389_504 + 4.0 * 7 * 768 * 768 && cost.bytes() < 5e9, cost.toString());
        assertTrue(cost.flops() > 2.0 * 50257 * 768 * 8 && cost.flops() < 1e11, cost.toString());
        assertNull(cost.launches());
        assertEquals(768.0, attack.counters().get("hiddenSize"));
        assertEquals(50257.0, attack.counters().get("vocabularySize"));
        assertEquals(2, DevicePredictions.of(List.of(attack)).size());

        Integer launches = Objects.requireNonNull(attack("cuda", "gpt2").cost()).launches();
        assertTrue(launches != null && launches > 24, "at least one a position");
        assertEquals(List.of(), DevicePredictions.of(List.of(attack("cuda", "gpt2"))));
        assertNull(attack("published", "gpt2").cost());
        assertNull(attack("vector", "bert-base").cost());
    }
}
