package leakmark.benchmarks.run;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import leakmark.attacks.model.ModelConfiguration;
import leakmark.attacks.model.NetworkPresets;
import leakmark.attacks.model.TextNetwork;
import leakmark.benchmarks.gpu.AttackCost;
import leakmark.benchmarks.jmh.GradientMatchingBenchmark;
import leakmark.kernels.Cost;
import leakmark.kernels.PrefixExtension;
import leakmark.kernels.VocabularySweep;
import leakmark.kernels.matching.GradientMatching;
import leakmark.kernels.matching.Network;
import leakmark.kernels.matching.Shape;
import leakmark.reports.result.Result;
import leakmark.reports.result.Result.Status;
import leakmark.reports.result.Roof;
import leakmark.reports.result.Summary;
import org.jspecify.annotations.Nullable;

/**
 * Turns JMH's numbers into results that may be reported: an attack's speed only with the recovery of that very run, a
 * kernel's only under the measured roof.
 */
public final class Gate {
    /** Part of the sequences that must be exact. */
    static final double EXACT = 0.99;

    /** Roofs are measured too: a result may beat them by this. */
    private static final double ROOF_SLACK = 1.05;

    private static final List<String> STAGES = List.of("rank", "filter", "search", "check");

    private final List<Roof> roofs;

    /** Against roofs that were measured on this machine. */
    public Gate(List<Roof> roofs) {
        this.roofs = List.copyOf(roofs);
    }

    /** The result with quality, cost and split, and its score withheld if it does not hold. */
    public Result judge(Result measured) {
        String name = measured.key().benchmark().replaceAll(".*\\.(\\w+\\.\\w+)$", "$1");
        Map<String, String> params = new LinkedHashMap<>(measured.key().params());
        // JMH calls with one thread; kernels spread over all cores themselves.
        params.remove("threads");
        Result.Key key = new Result.Key(name, measured.key().variant(), params);
        if (measured.counters().containsKey("inversions")) {
            return inversion(key, measured);
        }
        return measured.counters().containsKey("attacks") ? attack(key, measured) : kernel(key, measured);
    }

    /** Part of the attacks that must recover every image; the published attack fails on some seeds by its nature. */
    private static double leastSuccess(Result.Key key) {
        return key.variant().equals(Result.Key.PUBLISHED) ? 0.5 : 0.95;
    }

    private static Result inversion(Result.Key key, Result measured) {
        Map<String, Double> sums = measured.counters();
        double inversions = sums.getOrDefault("inversions", 1.0);
        double recovered = sums.getOrDefault("recovered", 0.0);
        Map<String, Double> quality = new LinkedHashMap<>();
        quality.put(Result.SUCCESS_RATE, recovered / inversions);
        if (sums.containsKey("mse") && recovered > 0) {
            quality.put("mse", sums.getOrDefault("mse", 0.0) / recovered);
        }
        for (String name : List.of("labelAccuracy", "tokenAccuracy")) {
            if (sums.containsKey(name)) {
                quality.put(name, sums.getOrDefault(name, 0.0) / inversions);
            }
        }
        Map<String, Double> counters = new LinkedHashMap<>();
        counters.put("evaluationsPerAttack", sums.getOrDefault("evaluations", 0.0) / inversions);
        Summary summary = measured.summary();
        if (summary != null) {
            double attacks = Math.max(1, axis(key, "attacks"));
            counters.put("attacksPerSecond", 1000 * attacks / summary.median());
            counters.put("recoveredPerSecond", 1000 * attacks * recovered / inversions / summary.median());
        }
        Result result = new Result(
                key,
                null,
                measured.metric(),
                measured.status(),
                measured.reasons(),
                quality,
                null,
                measured.rounds(),
                summary,
                Map.of(),
                counters);
        return recovered / inversions >= leastSuccess(key)
                ? result
                : result.without(
                        Status.WITHHELD,
                        List.of(String.format(
                                Locale.ROOT,
                                "%.0f of %.0f attacks recovered everything, the gate is %.0f %%",
                                recovered,
                                inversions,
                                100 * leastSuccess(key))));
    }

    private Result attack(Result.Key key, Result measured) {
        Map<String, Double> sums = measured.counters();
        double attacks = sums.getOrDefault("attacks", 1.0);
        double sequences = sums.getOrDefault("sequences", 0.0) / attacks;
        double exact = sums.getOrDefault("exactSequences", 0.0) / attacks;
        Map<String, Double> quality = new LinkedHashMap<>();
        quality.put(Result.EXACT_RATE, exact / sequences);
        quality.put(Result.EXACT_SEQUENCES, exact);
        quality.put(Result.SEQUENCES, sequences);
        quality.put(Result.ROUGE_1, sums.getOrDefault("rouge1", 0.0) / attacks);
        quality.put(Result.ROUGE_2, sums.getOrDefault("rouge2", 0.0) / attacks);
        Map<String, Double> split = new LinkedHashMap<>();
        for (String stage : STAGES) {
            double seconds = sums.getOrDefault(stage + "Seconds", 0.0) / attacks;
            if (seconds > 0) {
                split.put(stage, seconds);
            }
        }
        Map<String, Double> counters = new LinkedHashMap<>();
        for (String counter : List.of("tokens", "pairs", "inputRank", "distinctPrefixes")) {
            counters.put(counter, sums.getOrDefault(counter, 0.0) / attacks);
        }
        ModelConfiguration model = AttackCost.configuration(key);
        if (model != null) {
            counters.put("hiddenSize", (double) model.hiddenSize());
            counters.put("vocabularySize", (double) model.vocabularySize());
        }
        Summary summary = measured.summary();
        if (summary != null) {
            counters.put("tokensPerSecond", 1000 * counters.getOrDefault("tokens", 0.0) / summary.median());
            counters.put("sequencesPerSecond", 1000 * sequences / summary.median());
        }
        Result.Cost cost = AttackCost.of(key, counters);
        Result result = new Result(
                key,
                null,
                measured.metric(),
                measured.status(),
                measured.reasons(),
                quality,
                cost,
                measured.rounds(),
                summary,
                split,
                withFraction(counters, cost, summary));
        return exact / sequences >= EXACT
                ? result
                : result.without(
                        Status.WITHHELD,
                        List.of(String.format(
                                Locale.ROOT, "%.1f of %.0f sequences exact, the gate is 99 %%", exact, sequences)));
    }

    private Result kernel(Result.Key key, Result measured) {
        Cost declared = cost(key);
        Result.Cost cost = declared == null ? null : new Result.Cost(declared.flops(), declared.bytes());
        Result result = new Result(
                key,
                null,
                measured.metric(),
                measured.status(),
                measured.reasons(),
                Map.of(),
                cost,
                measured.rounds(),
                measured.summary(),
                Map.of(),
                withFraction(measured.counters(), cost, measured.summary()));
        Summary summary = measured.summary();
        if (cost == null || summary == null) {
            return result;
        }
        double least = leastMilliseconds(cost);
        return summary.median() * ROOF_SLACK >= least
                ? result
                : result.without(
                        Status.INVALID,
                        List.of(String.format(
                                Locale.ROOT,
                                "%.3f ms is faster than the measured roofs allow (%.3f ms)",
                                summary.median(),
                                least)));
    }

    /** What the roofs allow at least; 0 where none was measured. */
    private double leastMilliseconds(Result.Cost cost) {
        return 1000 * Math.max(cost.flops() / (1e9 * roof("GFLOP/s")), cost.bytes() / (1e9 * roof("GB/s")));
    }

    /** Counters with the part of the roof that a cell reaches, where both are known. */
    private Map<String, Double> withFraction(
            Map<String, Double> counters, Result.@Nullable Cost cost, @Nullable Summary summary) {
        Map<String, Double> all = new LinkedHashMap<>(counters);
        if (cost != null && summary != null && leastMilliseconds(cost) > 0) {
            all.put("fractionOfRoof", leastMilliseconds(cost) / summary.median());
        }
        return all;
    }

    private double roof(String unit) {
        return roofs.stream()
                .filter(roof -> roof.unit().equals(unit))
                .mapToDouble(Roof::value)
                .max()
                .orElse(Double.POSITIVE_INFINITY);
    }

    /** Declared work by benchmark and parameters; null where none is declared. */
    private static @Nullable Cost cost(Result.Key key) {
        int d = axis(key, "hiddenSize");
        return switch (key.benchmark()) {
            case "TokenFilterBenchmark.sweep" ->
                VocabularySweep.cost(axis(key, "vocabularySize"), d, 8, axis(key, "sequenceLength"));
            case "TokenFilterBenchmark.stream" -> new Cost(0, 4.0 * axis(key, "vocabularySize") * d);
            case "RowSpaceBenchmark.allGradients" -> {
                double r = axis(key, "rank");
                yield new Cost(3 * 4 * d * r * r, 4.0 * 7 * d * d);
            }
            case "SequenceSearchBenchmark.lastPosition" -> {
                int b = axis(key, "batchSize");
                int length = axis(key, "sequenceLength");
                yield PrefixExtension.cost(b, length - 1, Math.max(b, (int) (0.53 * b * length)), d, 12, 8);
            }
            case "GradientMatchingBenchmark.evaluate" -> {
                int size = axis(key, "imageSize");
                yield matching(
                        key,
                        NetworkPresets.network(
                                key.params().getOrDefault("model", ""),
                                new Shape.Image(3, size, size),
                                GradientMatchingBenchmark.CLASSES));
            }
            case "TextGradientMatchingBenchmark.evaluate" ->
                matching(key, TextNetwork.network(key.params().getOrDefault("model", ""), axis(key, "sequenceLength")));
            default -> null;
        };
    }

    /** Weights and targets may stay in caches from one evaluation to the next. */
    private static Cost matching(Result.Key key, Network network) {
        return new Cost(
                axis(key, "attacks")
                        * GradientMatching.cost(network, axis(key, "batchSize")).flops(),
                0);
    }

    private static int axis(Result.Key key, String name) {
        return Integer.parseInt(key.params().getOrDefault(name, "0"));
    }
}
