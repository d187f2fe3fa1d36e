package leakmark.attacks.dlg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import leakmark.attacks.client.ImageBatch;
import leakmark.attacks.client.NetworkClient;
import leakmark.attacks.images.GeneratedImages;
import leakmark.attacks.images.LabelledImage;
import leakmark.attacks.model.NetworkPresets;
import leakmark.attacks.model.PublicNetwork;
import leakmark.attacks.optim.BatchMinimiser.Watch;
import leakmark.kernels.KernelProviders;
import leakmark.kernels.matching.GradientMatching;
import leakmark.kernels.matching.Shape.Image;
import org.junit.jupiter.api.Test;

/**
 * An attack is a chain of thousands of steps: one bit that is another once the JVM has compiled a method, and the image at its
 * end is another one. So a run of an attack is compared, bit by bit, with one in a JVM that only interprets.
 */
class InterpretedTest {
    private static final int STEPS = 3;
    /** Enough steps for the compilers to have had every method of an attack. */
    private static final int WARM_STEPS = 400;

    @Test
    void attacksEndInTheSameBitsInterpretedAndCompiled() throws IOException, InterruptedException {
        ends(WARM_STEPS);
        ends(WARM_STEPS);
        String compiled = ends(STEPS);
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xint",
                        "--add-modules=jdk.incubator.vector",
                        "-cp",
                        System.getProperty("java.class.path"),
                        InterpretedTest.class.getName())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String interpreted = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
        assertTrue(process.waitFor(1, TimeUnit.MINUTES));
        assertEquals(0, process.exitValue());
        assertEquals(interpreted, compiled);
    }

    /** What the interpreting JVM runs: prints the ends. */
    public static void main(String[] arguments) {
        System.out.println(ends(STEPS));
    }

    /** Distances and first pixels of short attacks, as bits. */
    private static String ends(int steps) {
        GradientMatching kernels = KernelProviders.best().gradientMatching();
        Image shape = new Image(1, 12, 12);
        List<LabelledImage> images = GeneratedImages.of(1, 12, 12, 1);
        List<String> ends = new ArrayList<>();
        for (InversionSettings settings : List.of(
                InversionSettings.dlg().within(steps, 1),
                InversionSettings.geiping().within(steps, 1))) {
            PublicNetwork model = NetworkPresets.open("lenet", shape, 10, 1);
            List<Victim> victims = images.stream()
                    .map(one -> new NetworkClient(kernels)
                            .share(model, new ImageBatch(List.of(one.image()), new int[] {one.label()})))
                    .toList();
            for (Inversion end : new GradientInversion(kernels, settings).invert(model, victims, 3, Watch.none())) {
                ends.add(Double.toHexString(end.loss()) + " " + Float.toHexString(end.inputs()[0]));
            }
        }
        return ends.toString();
    }
}
