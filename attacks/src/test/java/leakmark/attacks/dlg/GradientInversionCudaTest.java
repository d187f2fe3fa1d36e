package leakmark.attacks.dlg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import leakmark.attacks.client.ImageBatch;
import leakmark.attacks.client.NetworkClient;
import leakmark.attacks.images.GeneratedImages;
import leakmark.attacks.images.LabelledImage;
import leakmark.attacks.metrics.ImageScore;
import leakmark.attacks.model.NetworkPresets;
import leakmark.attacks.model.PublicNetwork;
import leakmark.attacks.optim.Adam;
import leakmark.attacks.optim.BatchMinimiser.Watch;
import leakmark.attacks.optim.Ending;
import leakmark.attacks.optim.Lbfgs;
import leakmark.kernels.KernelProviders;
import leakmark.kernels.cuda.NoLeaks;
import leakmark.kernels.cuda.StandIn;
import leakmark.kernels.matching.GradientMatching;
import leakmark.kernels.matching.Shape.Image;
import leakmark.kernels.vector.VectorKernels;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Image attacks on the stand-in for a GPU, where the optimiser runs on the device, beside the same ones on the CPU. */
@Tag("own-process")
@ExtendWith(NoLeaks.class)
class GradientInversionCudaTest {
    private static final GradientMatching CPU = new VectorKernels().gradientMatching();
    private static final Image SMALL = new Image(1, 8, 8);
    private static final PublicNetwork LENET = NetworkPresets.open("lenet", SMALL, 4, 1);

    private static GradientMatching gpu() {
        return KernelProviders.byName("cuda").gradientMatching();
    }

    private static List<ImageBatch> batches(int count) {
        List<ImageBatch> batches = new ArrayList<>();
        for (LabelledImage image : GeneratedImages.of(1, 8, 8, count)) {
            batches.add(new ImageBatch(List.of(image.image()), new int[] {image.label() % 4}));
        }
        return batches;
    }

    private static List<Victim> victims(List<ImageBatch> batches) {
        NetworkClient client = new NetworkClient(CPU);
        return batches.stream().map(batch -> client.share(LENET, batch)).toList();
    }

    private static InversionSettings few(InversionSettings settings) {
        return settings.with(Lbfgs.strongWolfe().withHistory(20));
    }

    /** The same pictures and labels, from a first distance and a second curve entry that agree as far as float32 does. */
    @Test
    void recoversWhatTheCpuRecovers() {
        StandIn.unrecorded();
        for (InversionSettings settings : List.of(few(InversionSettings.dlg()), few(InversionSettings.idlg()))) {
            List<ImageBatch> truth = batches(3);
            List<Victim> victims = victims(truth);
            List<Inversion> expected = new GradientInversion(CPU, settings).invert(LENET, victims, 1, Watch.none());
            List<Inversion> actual = new GradientInversion(gpu(), settings).invert(LENET, victims, 1, Watch.none());
            for (int i = 0; i < truth.size(); i++) {
                Inversion cpu = expected.get(i);
                Inversion gpu = actual.get(i);
                ImageScore score = ImageScore.of(truth.get(i), RecoveredImages.of(gpu, SMALL), gpu.labels());
                assertTrue(score.recovered(), "mean squared error " + score.mse());
                assertEquals(Ending.CONVERGED, gpu.ending());
                assertArrayEquals(cpu.labels(), gpu.labels());
                assertEquals(cpu.curve()[0], gpu.curve()[0], 1e-5 * cpu.curve()[0]);
                // Twenty evaluations apart rounding has grown, not more.
                assertEquals(cpu.curve()[1], gpu.curve()[1], 0.02 * cpu.curve()[1]);
                assertEquals(gpu.loss(), gpu.curve()[gpu.curve().length - 1]);
                // Entries after evaluations 1, 21, ... and at the end.
                assertEquals((gpu.evaluations() + 19) / 20 + 1, gpu.curve().length);
            }
        }
    }

    /** One step and its line search, so short that rounding has not grown: the same numbers of both, the same point. */
    @Test
    void takesTheCpusFirstSteps() {
        List<Victim> victims = victims(batches(4));
        for (int iterations : new int[] {1, 2, 4}) {
            InversionSettings settings = few(InversionSettings.dlg()).within(iterations, 1);
            List<Inversion> expected = new GradientInversion(CPU, settings).invert(LENET, victims, 3, Watch.none());
            List<Inversion> actual = new GradientInversion(gpu(), settings).invert(LENET, victims, 3, Watch.none());
            for (int i = 0; i < victims.size(); i++) {
                assertEquals(expected.get(i).evaluations(), actual.get(i).evaluations());
                assertEquals(iterations, actual.get(i).iterations());
                assertEquals(Ending.EXHAUSTED, actual.get(i).ending());
                assertArrayEquals(expected.get(i).inputs(), actual.get(i).inputs(), 1e-3f);
            }
        }
    }

    /** Device memory for two attacks at a time. */
    @Test
    void chunksGiveTheSameResults() {
        List<Victim> victims = victims(batches(5));
        InversionSettings settings = few(InversionSettings.dlg()).within(3, 1);
        List<Inversion> together = new GradientInversion(gpu(), settings).invert(LENET, victims, 7, Watch.none());
        StandIn.capacity(250_000);
        GradientInversion chunked = new GradientInversion(gpu(), settings);
        int atOnce = chunked.attacksTogether(LENET, 1);
        assertTrue(atOnce >= 1 && atOnce < 5, atOnce + " at once");
        List<Inversion> apart = chunked.invert(LENET, victims, 7, Watch.none());
        for (int i = 0; i < victims.size(); i++) {
            assertArrayEquals(together.get(i).inputs(), apart.get(i).inputs());
        }
    }

    /** What the device has no optimiser for runs on its kernels, the optimiser on the host. */
    @Test
    void otherOptimisersUseTheKernels() {
        List<Victim> victims = victims(batches(2));
        InversionSettings settings =
                InversionSettings.geiping().with(Adam.of(0.1)).within(5, 1);
        List<Inversion> expected = new GradientInversion(CPU, settings).invert(LENET, victims, 3, Watch.none());
        List<Inversion> actual = new GradientInversion(gpu(), settings).invert(LENET, victims, 3, Watch.none());
        for (int i = 0; i < victims.size(); i++) {
            assertEquals(expected.get(i).evaluations(), actual.get(i).evaluations());
            assertArrayEquals(expected.get(i).inputs(), actual.get(i).inputs(), 1e-2f);
        }
    }

    @Test
    void showsProgressAndStopsWhenAsked() {
        List<Integer> seen = new ArrayList<>();
        Watch twice = new Watch() {
            @Override
            public void running(int count) {
                seen.add(count);
            }

            @Override
            public boolean cancelled() {
                return seen.size() == 3;
            }
        };
        List<Inversion> inversions =
                new GradientInversion(gpu(), few(InversionSettings.dlg())).invert(LENET, victims(batches(2)), 1, twice);
        assertEquals(List.of(2, 2, 2), seen);
        for (Inversion inversion : inversions) {
            assertEquals(Ending.CANCELLED, inversion.ending());
            assertEquals(21, inversion.evaluations());
            assertEquals(3, inversion.curve().length);
            assertTrue(inversion.loss() < inversion.curve()[0]);
        }
    }
}
