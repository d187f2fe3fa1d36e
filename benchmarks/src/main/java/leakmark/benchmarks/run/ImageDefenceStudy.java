package leakmark.benchmarks.run;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import leakmark.attacks.defences.Protection;
import leakmark.attacks.metrics.ImageScore;
import leakmark.attacks.metrics.SuccessRate;
import leakmark.benchmarks.cli.Attacker;
import leakmark.benchmarks.study.ImageLeakage;
import leakmark.kernels.matching.GradientMatching;
import leakmark.reports.result.Result;
import leakmark.reports.result.Summary;

/**
 * What DLG recovers of single images on LeNet against each defence, and what the defence costs ({@link ImageLeakage}, {@link
 * Utility}).
 */
final class ImageDefenceStudy {
    static final String BENCHMARK = "DefenceLeakage.dlg";

    /** L04 to L06: absolute noise as DLG states it, pruning, low precision. */
    static final List<String> SWEEP = List.of(
            "none",
            "gaussian-absolute:1.0E-4",
            "gaussian-absolute:0.001",
            "gaussian-absolute:0.01",
            "gaussian-absolute:0.1",
            "laplace-absolute:0.001",
            "laplace-absolute:0.01",
            "fp16",
            "bf16",
            "int8",
            "int8-stochastic",
            "prune:0.1",
            "prune:0.2",
            "prune:0.3",
            "prune:0.5",
            "prune:0.7",
            "sign",
            "mask:0.7",
            "dgc:0.1",
            "dp-sgd:1:0.001",
            "dp-sgd:1:1.0");

    private final GradientMatching kernels;
    private final int seeds;
    private final int iterations;

    ImageDefenceStudy(GradientMatching kernels, int seeds, int iterations) {
        this.kernels = kernels;
        this.seeds = seeds;
        this.iterations = iterations;
    }

    List<Result> run(List<String> specifications) {
        ImageLeakage leakage = new ImageLeakage(kernels, seeds, iterations);
        List<Result> results = new ArrayList<>();
        for (String specification : specifications) {
            Protection protection = leakage.protection(specification, 0);
            Utility utility = Utility.of(kernels, protection);
            for (Attacker attacker : Attacker.values()) {
                long start = System.nanoTime();
                List<ImageScore> scores = leakage.attack(specification, attacker);
                double milliseconds = (System.nanoTime() - start) * 1e-6 / scores.size();
                double bytes = protection.bytes(leakage.parameters());
                results.add(result(specification, attacker, scores, milliseconds, bytes, utility));
            }
        }
        return results;
    }

    private static double medianError(List<ImageScore> scores) {
        double[] errors = scores.stream()
                .mapToDouble(score -> Double.isFinite(score.mse()) ? score.mse() : Double.MAX_VALUE)
                .sorted()
                .toArray();
        return errors[errors.length / 2];
    }

    private static Result result(
            String specification,
            Attacker attacker,
            List<ImageScore> scores,
            double milliseconds,
            double bytes,
            Utility utility) {
        Map<String, String> params = new LinkedHashMap<>();
        params.put(TextDefenceStudy.DEFENCE, specification);
        params.put("model", "lenet");
        SuccessRate success = SuccessRate.of(scores);
        Map<String, Double> quality = new LinkedHashMap<>();
        quality.put(Result.SUCCESS_RATE, (double) success.recovered() / success.attacks());
        quality.put("mse", medianError(scores));
        quality.put("accuracy", utility.accuracy());
        quality.put("loss", utility.loss());
        List<List<Double>> rounds = List.of(List.of(milliseconds));
        return new Result(
                new Result.Key(BENCHMARK, attacker.label(), params),
                null,
                new Result.Metric("ms/op", Result.Better.LOWER),
                Result.Status.OK,
                List.of(),
                quality,
                null,
                rounds,
                Summary.of(rounds),
                Map.of(),
                Map.of("bytes", bytes, "attacks", (double) success.attacks()));
    }
}
