package leakmark.benchmarks.study;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import leakmark.attacks.AttackException;
import leakmark.attacks.client.ImageBatch;
import leakmark.attacks.client.NetworkClient;
import leakmark.attacks.dlg.GradientInversion;
import leakmark.attacks.dlg.Inversion;
import leakmark.attacks.dlg.InversionSettings;
import leakmark.attacks.dlg.RecoveredImages;
import leakmark.attacks.dlg.Victim;
import leakmark.attacks.images.GeneratedImages;
import leakmark.attacks.images.Image;
import leakmark.attacks.images.ImageStrip;
import leakmark.attacks.images.LabelledImage;
import leakmark.attacks.metrics.ImageScore;
import leakmark.attacks.model.NetworkPresets;
import leakmark.attacks.model.PublicNetwork;
import leakmark.attacks.optim.BatchMinimiser;
import leakmark.attacks.optim.BatchMinimiser.Watch;
import leakmark.attacks.optim.Lbfgs;
import leakmark.attacks.optim.Optimisers;
import leakmark.kernels.matching.GradientMatching;
import leakmark.kernels.matching.Shape;
import leakmark.reports.claims.ClaimSheet.Cell;
import leakmark.reports.result.Gallery;

/** Gradient matching on the generated images, one attack on images of its own a replication; all at once. */
final class ImageStudy implements Study {
    static final int CLASSES = 10;
    static final long SEED = 1;

    /** The variant with the published step rule; every other but {@link #GEIPING} is an optimiser's name. */
    private static final String PUBLISHED = "published";

    private static final String GEIPING = "geiping";

    private final GradientMatching kernels;

    ImageStudy(GradientMatching kernels) {
        this.kernels = kernels;
    }

    @Override
    public Outcome measure(Cell cell) {
        Setting setting = new Setting(cell);
        int batchSize = setting.number("batchSize");
        int side = setting.number("imageSize");
        InversionSettings attack =
                attack(setting.variant()).within(setting.number("iterations"), setting.number("starts"));
        PublicNetwork network = NetworkPresets.open(setting.text("model"), shape(side), CLASSES, SEED);
        List<ImageBatch> truth = batches(setting.number("seeds"), batchSize, side);
        NetworkClient client = new NetworkClient(kernels);
        List<Victim> victims =
                truth.stream().map(batch -> client.share(network, batch)).toList();
        List<Inversion> inversions =
                new GradientInversion(kernels, attack).invert(network, victims, SEED, Watch.none());
        int recovered = 0;
        for (int s = 0; s < truth.size(); s++) {
            Inversion inversion = inversions.get(s);
            ImageScore score =
                    ImageScore.of(truth.get(s), RecoveredImages.of(inversion, shape(side)), inversion.labels());
            recovered += score.recovered() ? 1 : 0;
            setting.add(Map.of(
                    "recovered",
                    score.recovered() ? 1.0 : 0.0,
                    "mse",
                    score.mse(),
                    "labelAccuracy",
                    score.labelAccuracy(),
                    "outerIterations",
                    (double) inversion.iterations() / BatchMinimiser.CURVE_STEP));
        }
        return new Outcome(
                setting.observation(),
                batchSize == 1 && side == 32 ? gallery(cell, truth, inversions, recovered) : null);
    }

    private static InversionSettings attack(String variant) {
        return switch (variant) {
            case GEIPING -> InversionSettings.geiping();
            case PUBLISHED -> InversionSettings.dlg().with(Lbfgs.published());
            default -> InversionSettings.dlg().with(Optimisers.byName(variant));
        };
    }

    static Shape.Image shape(int side) {
        return new Shape.Image(3, side, side);
    }

    private static List<ImageBatch> batches(int count, int batchSize, int side) {
        List<LabelledImage> images = GeneratedImages.of(3, side, side, GeneratedImages.COUNT);
        if (count * batchSize > images.size()) {
            throw new AttackException("there are " + images.size() + " generated images, " + count + " batches of "
                    + batchSize + " need more: lower seeds or batchSize");
        }
        List<ImageBatch> batches = new ArrayList<>();
        for (int s = 0; s < count; s++) {
            List<LabelledImage> some = images.subList(s * batchSize, (s + 1) * batchSize);
            batches.add(new ImageBatch(
                    some.stream().map(LabelledImage::image).toList(),
                    some.stream().mapToInt(LabelledImage::label).toArray()));
        }
        return batches;
    }

    private static Gallery gallery(Cell cell, List<ImageBatch> truth, List<Inversion> inversions, int recovered) {
        List<Image> left = new ArrayList<>();
        List<Image> right = new ArrayList<>();
        List<List<Double>> curves = new ArrayList<>();
        for (int s = 0; s < truth.size(); s++) {
            left.add(truth.get(s).images().get(0));
            right.add(RecoveredImages.of(inversions.get(s), shape(32)).get(0));
            curves.add(Arrays.stream(inversions.get(s).curve())
                    .filter(Double::isFinite)
                    .boxed()
                    .toList());
        }
        return new Gallery(
                "Gradient matching, " + cell.variant() + ", " + cell.params().get("model"),
                Map.of("images", "3 × 32 × 32, generated"),
                truth.size(),
                recovered,
                Base64.getEncoder().encodeToString(ImageStrip.comparison(left, right, 2)),
                BatchMinimiser.CURVE_STEP,
                curves);
    }
}
