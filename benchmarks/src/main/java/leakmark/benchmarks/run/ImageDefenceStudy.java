package leakmark.benchmarks.run;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import leakmark.attacks.client.ImageBatch;
import leakmark.attacks.client.NetworkClient;
import leakmark.attacks.client.ProtectedNetworkClient;
import leakmark.attacks.defences.Defence.Trace;
import leakmark.attacks.defences.Protection;
import leakmark.attacks.dlg.GradientInversion;
import leakmark.attacks.dlg.Inversion;
import leakmark.attacks.dlg.InversionSettings;
import leakmark.attacks.dlg.MaskAwareInversion;
import leakmark.attacks.dlg.RecoveredImages;
import leakmark.attacks.dlg.Victim;
import leakmark.attacks.images.GeneratedImages;
import leakmark.attacks.images.LabelledImage;
import leakmark.attacks.metrics.ImageScore;
import leakmark.attacks.metrics.SuccessRate;
import leakmark.attacks.model.NetworkPresets;
import leakmark.attacks.model.PublicNetwork;
import leakmark.attacks.optim.BatchMinimiser.Watch;
import leakmark.benchmarks.cli.Attacker;
import leakmark.kernels.matching.GradientMatching;
import leakmark.kernels.matching.Shape;
import leakmark.reports.result.Claim;
import leakmark.reports.result.Claim.Verdict;
import leakmark.reports.result.Result;
import leakmark.reports.result.Summary;

/**
 * What DLG recovers of single images on LeNet against each defence. The unaware attacker runs DLG as it is; the aware one
 * infers labels, matches sent entries only where entries are missing, and weighs smoothness where there is noise.
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

    private static final String ABSOLUTE = "-absolute:";
    private static final int CLASSES = 10;
    private static final long SEED = 1;
    private static final int ROUNDS = 12;
    /** Weight of total variation, relative to ‖g‖², for an attacker who expects noise. */
    private static final double SMOOTHNESS = 1e-3;

    private final GradientMatching kernels;
    private final int seeds;
    private final int iterations;

    ImageDefenceStudy(GradientMatching kernels, int seeds, int iterations) {
        this.kernels = kernels;
        this.seeds = seeds;
        this.iterations = iterations;
    }

    List<Result> run(List<String> specifications) {
        Shape.Image shape = new Shape.Image(3, 32, 32);
        PublicNetwork network = NetworkPresets.open("lenet", shape, CLASSES, SEED);
        NetworkClient client = new NetworkClient(kernels);
        List<ImageBatch> truth = new ArrayList<>();
        for (LabelledImage image : GeneratedImages.of(3, 32, 32, seeds)) {
            truth.add(new ImageBatch(List.of(image.image()), new int[] {image.label()}));
        }
        List<Result> results = new ArrayList<>();
        for (String specification : specifications) {
            List<Victim> victims = new ArrayList<>();
            Protection protection = Protection.none();
            for (int v = 0; v < truth.size(); v++) {
                protection = protection(specification, network, client, truth.get(v));
                victims.add(new ProtectedNetworkClient(client, protection).share(network, truth.get(v), SEED + v));
            }
            Utility utility = Utility.of(kernels, protection);
            for (Attacker attacker : Attacker.values()) {
                long start = System.nanoTime();
                List<Inversion> inversions = invert(network, victims, attacker, protection);
                double milliseconds = (System.nanoTime() - start) * 1e-6 / victims.size();
                List<ImageScore> scores = new ArrayList<>();
                for (int v = 0; v < victims.size(); v++) {
                    scores.add(ImageScore.of(
                            truth.get(v),
                            RecoveredImages.of(inversions.get(v), shape),
                            inversions.get(v).labels()));
                }
                results.add(result(
                        specification,
                        attacker,
                        scores,
                        milliseconds,
                        protection.bytes(network.network().parameterCount()),
                        utility));
            }
        }
        return results;
    }

    /** Absolute noise is relative noise of another strength for each client. */
    private static Protection protection(
            String specification, PublicNetwork network, NetworkClient client, ImageBatch batch) {
        if (specification.equals("none")) {
            return Protection.none();
        }
        int at = specification.indexOf(ABSOLUTE);
        if (at < 0) {
            return Protection.parse(specification);
        }
        double norm = 0;
        for (float value : client.share(network, batch).gradient()) {
            norm += (double) value * value;
        }
        double sigma = Double.parseDouble(specification.substring(at + ABSOLUTE.length()));
        return Protection.parse(specification.substring(0, at) + ":" + sigma / Math.sqrt(norm));
    }

    private List<Inversion> invert(
            PublicNetwork network, List<Victim> victims, Attacker attacker, Protection protection) {
        InversionSettings dlg = InversionSettings.dlg().within(iterations, 1);
        InversionSettings known = InversionSettings.idlg().within(iterations, 1);
        if (attacker == Attacker.UNAWARE) {
            return new GradientInversion(kernels, dlg).invert(network, victims, SEED, Watch.none());
        }
        if (protection.trace() == Trace.SPARSE) {
            return new MaskAwareInversion(kernels, known, ROUNDS).invert(network, victims, SEED, Watch.none());
        }
        double square = 0;
        for (float value : victims.get(0).gradient()) {
            square += (double) value * value;
        }
        boolean noisy = (!protection.isNone()
                        && protection.chain().stream().anyMatch(d -> d.label().contains(":")))
                || protection.privacy() != null;
        InversionSettings settings = noisy ? smooth(known, SMOOTHNESS * square) : known;
        return new GradientInversion(kernels, settings).invert(network, victims, SEED, Watch.none());
    }

    private static InversionSettings smooth(InversionSettings settings, double weight) {
        return new InversionSettings(
                "idlg with total variation",
                settings.distance(),
                true,
                weight,
                settings.optimiser(),
                settings.iterations(),
                1,
                0,
                1);
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

    /** L04 to L06, with the aware attacker beside the unaware one. */
    static List<Claim> claims(List<Result> results) {
        List<Claim> claims = new ArrayList<>();
        List<String> weak = List.of("gaussian-absolute:0.001", "laplace-absolute:0.001");
        List<String> strong = List.of("gaussian-absolute:0.01", "laplace-absolute:0.01");
        claims.add(claim(
                "L04",
                "noise of 1e-3 and less does not defend, 1e-2 and more does, Gaussian and Laplacian",
                said(results, "-absolute"),
                fails(results, weak, false) && fails(results, strong, true)));
        claims.add(claim(
                "L05",
                "pruning of 20 % and more defends",
                said(results, "prune"),
                fails(results, List.of("prune:0.2", "prune:0.3"), true)));
        claims.add(claim(
                "L06",
                "fp16 and bf16 leak, int8 does not",
                said(results, "fp16") + "; " + said(results, "bf16") + "; " + said(results, "int8"),
                fails(results, List.of("fp16", "bf16"), false) && fails(results, List.of("int8"), true)));
        return claims;
    }

    private static Claim claim(String id, String claimed, String measured, boolean holds) {
        return new Claim(
                id,
                claimed,
                "Zhu, Liu, Han, Deep Leakage from Gradients, NeurIPS 2019",
                List.of(),
                "generated images of 32 × 32, LeNet; the better of both attackers",
                measured,
                holds ? Verdict.SUPPORTED : Verdict.REFUTED,
                List.of());
    }

    /** Whether both attackers recover nothing (defended), or at least one recovers something. */
    private static boolean fails(List<Result> results, List<String> specifications, boolean defended) {
        return specifications.stream().allMatch(specification -> {
            double best = results.stream()
                    .filter(r -> specification.equals(r.key().params().get(TextDefenceStudy.DEFENCE)))
                    .mapToDouble(r -> r.quality().getOrDefault(Result.SUCCESS_RATE, 0.0))
                    .max()
                    .orElse(0);
            return defended ? best == 0 : best > 0;
        });
    }

    private static String said(List<Result> results, String prefix) {
        List<String> parts = new ArrayList<>();
        for (Result result : results) {
            String specification = result.key().params().getOrDefault(TextDefenceStudy.DEFENCE, "");
            if (specification.contains(prefix)) {
                parts.add(String.format(
                        Locale.ROOT,
                        "%s %s %.0f %% (MSE %.1e)",
                        specification,
                        result.key().variant(),
                        100 * result.quality().getOrDefault(Result.SUCCESS_RATE, 0.0),
                        result.quality().getOrDefault("mse", 0.0)));
            }
        }
        return String.join(", ", parts);
    }
}
