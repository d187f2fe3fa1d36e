package leakmark.benchmarks.run;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import leakmark.attacks.client.ClientDefence;
import leakmark.attacks.client.Practice;
import leakmark.attacks.defences.Protection;
import leakmark.attacks.metrics.ImageScore;
import leakmark.attacks.metrics.SuccessRate;
import leakmark.benchmarks.cli.Attacker;
import leakmark.benchmarks.study.ImageLeakage;
import leakmark.kernels.matching.GradientMatching;
import leakmark.reports.result.Result;
import leakmark.reports.result.Summary;
import org.jspecify.annotations.Nullable;

/**
 * What DLG recovers of images on LeNet against each defence, and what the defence costs ({@link ImageLeakage}, {@link
 * Utility}).
 */
final class ImageDefenceStudy {
    static final String BENCHMARK = "DefenceLeakage.dlg";

    /** L04 to L06: absolute noise as DLG states it, pruning, low precision. */
    private static final List<String> SWEEP = List.of(
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

    /** What a study sweeps: first nothing, then the strengths of every defence that applies. */
    static List<String> sweep() {
        List<String> specifications = new ArrayList<>(SWEEP);
        for (Practice practice : Practice.values()) {
            specifications.addAll(practice.imageSweep());
        }
        return specifications;
    }

    private final GradientMatching kernels;
    private final int seeds;
    private final int iterations;

    ImageDefenceStudy(GradientMatching kernels, int seeds, int iterations) {
        this.kernels = kernels;
        this.seeds = seeds;
        this.iterations = iterations;
    }

    /**
     * Attacks all clients behind each defence at once, one defence after the other.
     *
     * @param utilities what each defence costs in learning
     * @param done gets a defence's results, unaware and aware, as soon as they are there
     */
    void run(List<String> specifications, Utilities utilities, Consumer<List<Result>> done) {
        ImageLeakage single = new ImageLeakage(kernels, seeds, iterations);
        for (String specification : specifications) {
            Map<Practice, Double> practices = specification.contains(ImageLeakage.ABSOLUTE)
                    ? Map.of()
                    : ClientDefence.parse(specification).practices();
            int side = (int) Math.rint(practices.getOrDefault(Practice.RESOLUTION, (double) ImageLeakage.SIDE));
            int batchSize = (int) Math.rint(practices.getOrDefault(Practice.BATCH, 1.0));
            ImageLeakage leakage =
                    practices.isEmpty() ? single : new ImageLeakage(kernels, seeds, iterations, side, batchSize);
            Map<String, String> params = new LinkedHashMap<>();
            params.put(TextDefenceStudy.DEFENCE, specification);
            params.put("model", "lenet");
            params.put("batchSize", Integer.toString(batchSize));
            params.put("imageSize", Integer.toString(side));
            Protection protection = leakage.protection(specification, 0);
            Utility utility = practices.isEmpty() ? utilities.of(protection) : null;
            List<Result> results = new ArrayList<>();
            for (Attacker attacker : Attacker.values()) {
                long start = System.nanoTime();
                List<ImageScore> scores = leakage.attack(specification, attacker);
                double milliseconds = (System.nanoTime() - start) * 1e-6 / scores.size();
                double bytes = protection.bytes(leakage.parameters());
                results.add(result(params, attacker, scores, milliseconds, bytes, utility));
            }
            done.accept(results);
        }
    }

    private static double medianError(List<ImageScore> scores) {
        double[] errors = scores.stream()
                .mapToDouble(score -> Double.isFinite(score.mse()) ? score.mse() : Double.MAX_VALUE)
                .sorted()
                .toArray();
        return errors[errors.length / 2];
    }

    private static Result result(
            Map<String, String> params,
            Attacker attacker,
            List<ImageScore> scores,
            double milliseconds,
            double bytes,
            @Nullable Utility utility) {
        SuccessRate success = SuccessRate.of(scores);
        Map<String, Double> quality = new LinkedHashMap<>();
        quality.put(Result.SUCCESS_RATE, (double) success.recovered() / success.attacks());
        quality.put("mse", medianError(scores));
        if (utility != null) {
            quality.put("accuracy", utility.accuracy());
            quality.put("loss", utility.loss());
        }
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
