package leakmark.benchmarks.run;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import leakmark.attacks.client.ImageBatch;
import leakmark.attacks.client.NetworkClient;
import leakmark.attacks.dlg.GradientInversion;
import leakmark.attacks.dlg.InferredLabels;
import leakmark.attacks.dlg.Inversion;
import leakmark.attacks.dlg.InversionSettings;
import leakmark.attacks.dlg.RecoveredImages;
import leakmark.attacks.dlg.Victim;
import leakmark.attacks.images.GeneratedImages;
import leakmark.attacks.images.Image;
import leakmark.attacks.images.ImageStrip;
import leakmark.attacks.images.LabelledImage;
import leakmark.attacks.metrics.ImageScore;
import leakmark.attacks.metrics.SuccessRate;
import leakmark.attacks.model.NetworkPresets;
import leakmark.attacks.model.PublicNetwork;
import leakmark.attacks.optim.BatchMinimiser;
import leakmark.attacks.optim.BatchMinimiser.Watch;
import leakmark.attacks.optim.Lbfgs;
import leakmark.kernels.matching.GradientMatching;
import leakmark.kernels.matching.Shape;
import leakmark.reports.result.Claim;
import leakmark.reports.result.Claim.Verdict;
import leakmark.reports.result.Gallery;

/**
 * DLG's claims about images on the generated set: L01 (recovery within 300 outer iterations), L07 (batches and sizes), L08
 * (labels), L09 (ReLU). Every number is a success rate over seeds.
 */
final class ImageStudy {
    private static final int CLASSES = 10;
    private static final int SEEDS = 20;
    private static final long SEED = 1;

    private final GradientMatching kernels;
    private final boolean full;

    /**
     * @param full true for batches of up to 8 and images of 64 × 64, which take minutes
     */
    ImageStudy(GradientMatching kernels, boolean full) {
        this.kernels = kernels;
        this.full = full;
    }

    /** Attacks under one setting. */
    private record Attempt(
            List<ImageBatch> truth, List<Victim> victims, List<Inversion> inversions, List<ImageScore> scores) {
        SuccessRate success() {
            return SuccessRate.of(scores);
        }

        double labelAccuracy() {
            return scores.stream()
                    .mapToDouble(ImageScore::labelAccuracy)
                    .average()
                    .orElse(0);
        }

        String summary() {
            double[] mse = scores.stream().mapToDouble(ImageScore::mse).sorted().toArray();
            double[] outer = inversions.stream()
                    .mapToDouble(inversion -> (double) inversion.iterations() / BatchMinimiser.CURVE_STEP)
                    .sorted()
                    .toArray();
            return String.format(
                    Locale.ROOT,
                    "%s (median MSE %.1e, median %.0f outer iterations)",
                    success(),
                    mse[mse.length / 2],
                    outer[outer.length / 2]);
        }
    }

    /** What the study found. */
    record Findings(List<Gallery> galleries, List<Claim> claims) {}

    Findings run() {
        InversionSettings dlg = InversionSettings.dlg();
        Attempt wolfe = attempt("lenet", dlg, SEEDS, 1, 32);
        Attempt published = attempt("lenet", dlg.with(Lbfgs.published()), SEEDS, 1, 32);
        Attempt relu = attempt("lenet-relu", dlg.within(2000, 2), 8, 1, 32);
        List<Claim> claims = new ArrayList<>();
        claims.add(new Claim(
                "L01",
                "LeNet, one image, recovered within 300 outer iterations",
                "strong Wolfe " + wolfe.summary() + "; published step rule " + published.summary(),
                wolfe.success().recovered() == SEEDS ? Verdict.HOLDS : Verdict.REFUTED));
        claims.add(sizes());
        claims.add(labels(published));
        claims.add(new Claim(
                "L09",
                "ReLU networks are invertible too",
                relu.summary() + ", two starts of 100 outer iterations",
                relu.success().recovered() > 0 ? Verdict.HOLDS : Verdict.INCONCLUSIVE));
        List<Gallery> galleries =
                List.of(gallery("DLG on LeNet, strong Wolfe", wolfe), gallery("DLG on a LeNet with ReLU", relu));
        return new Findings(galleries, claims);
    }

    /** Success against the batch and the image's side; the claim is that batches of up to 8 and 64 × 64 work. */
    private Claim sizes() {
        List<String> parts = new ArrayList<>();
        boolean all = true;
        int[][] cells = full ? new int[][] {{2, 32}, {4, 32}, {8, 32}, {1, 64}} : new int[][] {{2, 32}};
        InversionSettings settings =
                InversionSettings.dlg().within((full ? 4 : 1) * InversionSettings.PUBLISHED_ITERATIONS, 1);
        for (int[] cell : cells) {
            Attempt attempt = attempt("lenet", settings, 4, cell[0], cell[1]);
            all &= attempt.success().recovered() > 0;
            parts.add(cell[0] + " image" + (cell[0] > 1 ? "s" : "") + " of " + cell[1] + " × " + cell[1] + ": "
                    + attempt.summary());
        }
        return new Claim(
                "L07",
                "batches of up to 8 images and images of 64 × 64 are recovered",
                String.join("; ", parts),
                !all ? Verdict.REFUTED : full ? Verdict.HOLDS : Verdict.INCONCLUSIVE);
    }

    /** iDLG's labels of many gradients against those DLG optimised. */
    private Claim labels(Attempt dlg) {
        int right = 0;
        int count = 0;
        for (String model : List.of("lenet", "lenet-relu", "mlp")) {
            PublicNetwork network = NetworkPresets.open(model, shape(32), CLASSES, SEED + 1);
            NetworkClient client = new NetworkClient(kernels);
            for (LabelledImage image : GeneratedImages.of(3, 32, 32, GeneratedImages.COUNT)) {
                int[] label = {count % CLASSES};
                Victim victim = client.share(network, new ImageBatch(List.of(image.image()), label));
                right += Arrays.equals(label, InferredLabels.of(victim, CLASSES)) ? 1 : 0;
                count++;
            }
        }
        Verdict verdict =
                right < count ? Verdict.REFUTED : dlg.labelAccuracy() < 1 ? Verdict.HOLDS : Verdict.INCONCLUSIVE;
        return new Claim(
                "L08",
                "iDLG reads every label; DLG 89.9 % (MNIST), 83.3 % (CIFAR-100), 79.1 % (LFW)",
                String.format(
                        Locale.ROOT,
                        "iDLG %d of %d; DLG with the published step rule %.0f %% of %d",
                        right,
                        count,
                        100 * dlg.labelAccuracy(),
                        dlg.scores().size()),
                verdict);
    }

    private Attempt attempt(String model, InversionSettings settings, int seeds, int batchSize, int side) {
        PublicNetwork network = NetworkPresets.open(model, shape(side), CLASSES, SEED);
        List<LabelledImage> images = GeneratedImages.of(3, side, side, GeneratedImages.COUNT);
        List<ImageBatch> truth = new ArrayList<>();
        for (int s = 0; s < seeds; s++) {
            List<LabelledImage> some = images.subList(s * batchSize, (s + 1) * batchSize);
            truth.add(new ImageBatch(
                    some.stream().map(LabelledImage::image).toList(),
                    some.stream().mapToInt(LabelledImage::label).toArray()));
        }
        NetworkClient client = new NetworkClient(kernels);
        List<Victim> victims =
                truth.stream().map(batch -> client.share(network, batch)).toList();
        List<Inversion> inversions =
                new GradientInversion(kernels, settings).invert(network, victims, SEED, Watch.none());
        List<ImageScore> scores = new ArrayList<>();
        for (int s = 0; s < seeds; s++) {
            scores.add(ImageScore.of(
                    truth.get(s),
                    RecoveredImages.of(inversions.get(s), shape(side)),
                    inversions.get(s).labels()));
        }
        return new Attempt(truth, victims, inversions, scores);
    }

    private static Shape.Image shape(int side) {
        return new Shape.Image(3, side, side);
    }

    private static Gallery gallery(String title, Attempt attempt) {
        List<Image> left = new ArrayList<>();
        List<Image> right = new ArrayList<>();
        List<List<Double>> curves = new ArrayList<>();
        for (int s = 0; s < attempt.truth().size(); s++) {
            left.add(attempt.truth().get(s).images().get(0));
            right.add(RecoveredImages.of(attempt.inversions().get(s), shape(32)).get(0));
            curves.add(Arrays.stream(attempt.inversions().get(s).curve())
                    .filter(Double::isFinite)
                    .boxed()
                    .toList());
        }
        Map<String, String> params = new LinkedHashMap<>();
        params.put("batchSize", "1");
        params.put("images", "3 × 32 × 32, generated");
        return new Gallery(
                title,
                params,
                attempt.truth().size(),
                attempt.success().recovered(),
                Base64.getEncoder().encodeToString(ImageStrip.comparison(left, right, 2)),
                BatchMinimiser.CURVE_STEP,
                curves);
    }
}
