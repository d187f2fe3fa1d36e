package leakmark.benchmarks.study;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import leakmark.attacks.client.ImageBatch;
import leakmark.attacks.client.NetworkClient;
import leakmark.attacks.dlg.InferredLabels;
import leakmark.attacks.dlg.Victim;
import leakmark.attacks.images.GeneratedImages;
import leakmark.attacks.images.LabelledImage;
import leakmark.attacks.model.NetworkPresets;
import leakmark.attacks.model.PublicNetwork;
import leakmark.kernels.matching.GradientMatching;
import leakmark.reports.claims.ClaimSheet.Cell;

/** Labels read off the last layer's gradient (iDLG), one image a replication; every label is tried. */
final class LabelStudy implements Study {
    private final GradientMatching kernels;

    LabelStudy(GradientMatching kernels) {
        this.kernels = kernels;
    }

    @Override
    public Outcome measure(Cell cell) {
        Setting setting = new Setting(cell);
        PublicNetwork network = NetworkPresets.open(
                setting.text("model"), ImageStudy.shape(32), ImageStudy.CLASSES, ImageStudy.SEED + 1);
        NetworkClient client = new NetworkClient(kernels);
        int count = 0;
        for (LabelledImage image : GeneratedImages.of(3, 32, 32, GeneratedImages.COUNT)) {
            int[] label = {count++ % ImageStudy.CLASSES};
            Victim victim = client.share(network, new ImageBatch(List.of(image.image()), label));
            boolean right = Arrays.equals(label, InferredLabels.of(victim, ImageStudy.CLASSES));
            setting.add(Map.of("right", right ? 1.0 : 0.0));
        }
        return new Outcome(setting.observation(), null);
    }
}
