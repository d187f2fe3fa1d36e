package leakmark.attacks.dlg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import leakmark.attacks.AttackException;
import leakmark.attacks.client.ImageBatch;
import leakmark.attacks.client.NetworkClient;
import leakmark.attacks.images.GeneratedImages;
import leakmark.attacks.images.LabelledImage;
import leakmark.attacks.metrics.ImageScore;
import leakmark.attacks.model.NetworkPresets;
import leakmark.attacks.model.PublicNetwork;
import leakmark.attacks.optim.BatchMinimiser.Watch;
import leakmark.attacks.optim.Ending;
import leakmark.attacks.optim.Lbfgs;
import leakmark.attacks.optim.Sgd;
import leakmark.kernels.KernelProviders;
import leakmark.kernels.matching.Distance;
import leakmark.kernels.matching.GradientMatching;
import leakmark.kernels.matching.Shape.Image;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GradientInversionTest {
    private static final GradientMatching KERNELS = KernelProviders.best().gradientMatching();
    private static final Image SMALL = new Image(1, 12, 12);
    private static final PublicNetwork LENET = NetworkPresets.open("lenet", SMALL, 10, 1);

    private static List<ImageBatch> batches(int count, int size) {
        List<LabelledImage> images = GeneratedImages.of(1, 12, 12, count * size);
        List<ImageBatch> batches = new ArrayList<>();
        for (int b = 0; b < count; b++) {
            List<LabelledImage> some = images.subList(b * size, (b + 1) * size);
            batches.add(new ImageBatch(
                    some.stream().map(LabelledImage::image).toList(),
                    some.stream().mapToInt(LabelledImage::label).toArray()));
        }
        return batches;
    }

    private static List<Victim> victims(PublicNetwork model, List<ImageBatch> batches) {
        NetworkClient client = new NetworkClient(KERNELS);
        return batches.stream().map(batch -> client.share(model, batch)).toList();
    }

    private static int recovered(List<ImageBatch> truth, List<Inversion> inversions) {
        int recovered = 0;
        for (int i = 0; i < truth.size(); i++) {
            Inversion inversion = inversions.get(i);
            recovered += ImageScore.of(truth.get(i), RecoveredImages.of(inversion, SMALL), inversion.labels())
                            .recovered()
                    ? 1
                    : 0;
        }
        return recovered;
    }

    @Test
    void dlgRecoversImagesAndLabels() {
        List<ImageBatch> truth = batches(12, 1);
        List<Inversion> inversions = new GradientInversion(KERNELS, InversionSettings.dlg())
                .invert(LENET, victims(LENET, truth), 1, Watch.none());
        assertEquals(12, recovered(truth, inversions));
        for (int i = 0; i < 12; i++) {
            assertArrayEquals(truth.get(i).labels(), inversions.get(i).labels());
            assertTrue(inversions.get(i).iterations() <= InversionSettings.PUBLISHED_ITERATIONS);
        }
    }

    @Test
    void idlgReadsTheLabelAndNeedsFewerVariables() {
        List<ImageBatch> truth = batches(4, 1);
        List<Inversion> inversions = new GradientInversion(KERNELS, InversionSettings.idlg())
                .invert(LENET, victims(LENET, truth), 1, Watch.none());
        assertEquals(4, recovered(truth, inversions));
    }

    @Test
    void aBatchOfTwoIsRecoveredInSomeOrder() {
        List<ImageBatch> truth = batches(2, 2);
        List<Inversion> inversions = new GradientInversion(
                        KERNELS, InversionSettings.dlg().within(6000, 4))
                .invert(LENET, victims(LENET, truth), 5, Watch.none());
        assertEquals(2, recovered(truth, inversions));
    }

    /** An attack does not depend on its neighbours, nor on how many run together: memory for one gives one at a time. */
    @Test
    void chunksGiveTheSameResults() {
        List<Victim> victims = victims(LENET, batches(3, 1));
        InversionSettings settings = InversionSettings.dlg().within(30, 1);
        GradientInversion together = new GradientInversion(KERNELS, settings);
        GradientInversion one = new GradientInversion(KERNELS, settings, 1);
        assertEquals(1, one.attacksTogether(LENET, 1));
        assertTrue(together.attacksTogether(LENET, 1) >= 3);
        List<Inversion> a = together.invert(LENET, victims, 7, Watch.none());
        List<Inversion> b = one.invert(LENET, victims, 7, Watch.none());
        for (int i = 0; i < 3; i++) {
            assertArrayEquals(a.get(i).inputs(), b.get(i).inputs());
            assertEquals(a.get(i).loss(), b.get(i).loss());
        }
    }

    /** Attacks run on several threads; the watch is asked by one at a time, sees the ends, and may end the rest. */
    @Test
    void theWatchCountsAttacksAndEndsThem() {
        List<Victim> victims = victims(LENET, batches(5, 1));
        List<Integer> counts = new ArrayList<>();
        GradientInversion attack =
                new GradientInversion(KERNELS, InversionSettings.dlg().within(4, 1));
        attack.invert(LENET, victims, 7, counts::add);
        assertEquals(5, counts.get(0));
        assertEquals(1, counts.get(counts.size() - 1));
        for (int i = 1; i < counts.size(); i++) {
            assertTrue(counts.get(i) <= counts.get(i - 1));
        }
        int[] asked = new int[1];
        List<Inversion> ended = attack.invert(LENET, victims, 7, Watch.until(() -> asked[0]++ >= 8));
        assertTrue(ended.stream().anyMatch(inversion -> inversion.ending() == Ending.CANCELLED));
        assertEquals(8, ended.stream().mapToInt(Inversion::evaluations).sum());
    }

    /** A rate that overflows: each attack stops, keeps the best state it saw, and says why. */
    @Test
    void aLossThatIsNotFiniteEndsTheAttackWithItsBestState() {
        List<Victim> victims = victims(LENET, batches(2, 1));
        List<Inversion> inversions = new GradientInversion(
                        KERNELS,
                        InversionSettings.dlg().with(new Sgd("sgd", 1e38, 0)).within(100, 1))
                .invert(LENET, victims, 3, Watch.none());
        for (Inversion inversion : inversions) {
            assertEquals(Ending.NOT_FINITE, inversion.ending());
            assertTrue(Double.isFinite(inversion.loss()));
            for (float value : inversion.inputs()) {
                assertTrue(Float.isFinite(value));
            }
        }
    }

    /** The best of several starts is at least as near as the first, and their work adds up. */
    @Test
    void restartsKeepTheBest() {
        List<Victim> victims = victims(LENET, batches(2, 1));
        InversionSettings few =
                InversionSettings.dlg().with(Lbfgs.published()).within(40, 1).to(0);
        List<Inversion> once = new GradientInversion(KERNELS, few).invert(LENET, victims, 3, Watch.none());
        List<Inversion> thrice =
                new GradientInversion(KERNELS, few.within(40, 3)).invert(LENET, victims, 3, Watch.none());
        for (int i = 0; i < 2; i++) {
            assertFalse(thrice.get(i).loss() > once.get(i).loss());
            assertEquals(3, thrice.get(i).starts());
            assertTrue(thrice.get(i).evaluations() > once.get(i).evaluations());
        }
    }

    @Test
    void gradientsThatDoNotFitAreRefused() {
        Victim good = victims(LENET, batches(1, 1)).get(0);
        refused("the gradient has 3 values, model lenet has", new Victim(new float[3], 1));
        refused("every value of the gradient is zero", new Victim(new float[good.gradient().length], 1));
        float[] broken = good.gradient().clone();
        broken[17] = Float.NaN;
        refused("the gradient has the value NaN at position 17", new Victim(broken, 1));
        refused("a batch has at least one input, not 0", new Victim(good.gradient(), 0));
        refused("gradients of 1 and 2 inputs", good, new Victim(good.gradient(), 2));
    }

    private static void refused(String message, Victim... victims) {
        AttackException refused = assertThrows(
                AttackException.class,
                () -> new GradientInversion(KERNELS, InversionSettings.dlg())
                        .invert(LENET, List.of(victims), 1, Watch.none()));
        assertTrue(String.valueOf(refused.getMessage()).startsWith(message), refused.getMessage());
    }

    @Test
    void labelsOutOfRangeAndImagesOfAnotherSizeAreRefused() {
        ImageBatch batch = batches(1, 1).get(0);
        NetworkClient client = new NetworkClient(KERNELS);
        for (int label : new int[] {-1, 10}) {
            AttackException refused = assertThrows(
                    AttackException.class,
                    () -> client.share(LENET, new ImageBatch(batch.images(), new int[] {label})));
            assertEquals(
                    "label " + label + " is out of range: model lenet has the classes 0 to 9", refused.getMessage());
        }
        PublicNetwork other = NetworkPresets.open("lenet", new Image(3, 12, 12), 10, 1);
        assertThrows(AttackException.class, () -> client.share(other, batch));
        assertThrows(AttackException.class, () -> NetworkPresets.open("vgg", SMALL, 10, 1));
    }

    /** iDLG on networks with hard cases: every single label, and batches of different ones. */
    @ParameterizedTest
    @ValueSource(strings = {"lenet", "lenet-relu", "mlp"})
    void theLabelIsReadOffTheLastLayer(String name) {
        PublicNetwork model = NetworkPresets.open(name, SMALL, 10, 4);
        NetworkClient client = new NetworkClient(KERNELS);
        List<LabelledImage> images = GeneratedImages.of(1, 12, 12, 12);
        for (int i = 0; i < 12; i++) {
            int[] labels = {(7 * i) % 10};
            Victim victim =
                    client.share(model, new ImageBatch(List.of(images.get(i).image()), labels));
            assertArrayEquals(labels, InferredLabels.of(victim, 10));
        }
    }

    /** Total variation of a 2 × 3 picture by hand, and its derivative by differences. */
    @Test
    void totalVariationByHand() {
        TotalVariation variation = new TotalVariation(new Image(1, 2, 3));
        float[] pixels = {0, 1, 3, 2, 2, 0};
        float[] gradient = new float[6];
        // Down: 2, 1, 3 over three pairs; right: 1, 2, 0, 2 over four.
        double value = variation.add(pixels, 1, 0.5, gradient);
        assertEquals(0.5 * (2 + 5.0 / 4), value, 1e-12);
        for (int i = 0; i < 6; i++) {
            float[] moved = pixels.clone();
            moved[i] += 0.25f;
            double above = variation.add(moved, 1, 0.5, new float[6]);
            moved[i] -= 0.5f;
            double below = variation.add(moved, 1, 0.5, new float[6]);
            // At equal neighbours (3 and 4) the derivative is that of neither side.
            if (i != 3 && i != 4) {
                assertEquals((above - below) / 0.5, gradient[i], 1e-6);
            }
        }
    }

    /** Cosine distance, total variation and signs: colours and shape come back, if not to the last bit. */
    @Test
    void geipingComesNear() {
        List<ImageBatch> truth = batches(1, 1);
        Inversion inversion = new GradientInversion(
                        KERNELS, InversionSettings.geiping().within(800, 1).at(Distance.cosine()))
                .invert(LENET, victims(LENET, truth), 2, Watch.none())
                .get(0);
        ImageScore score = ImageScore.of(truth.get(0), RecoveredImages.of(inversion, SMALL), inversion.labels());
        assertTrue(score.mse() < 0.02, "mse " + score.mse());
        assertEquals(1, score.labelAccuracy());
    }
}
