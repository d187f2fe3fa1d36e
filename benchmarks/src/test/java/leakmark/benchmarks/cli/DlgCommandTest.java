package leakmark.benchmarks.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import leakmark.attacks.model.TextNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DlgCommandTest {
    private static final String SMALL = "attack dlg --image-shape 1x10x12 ";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private Outcome run(String line) {
        return Outcome.of(line.replace("@", folder.toString()).split(" +", -1));
    }

    private JsonNode json() throws IOException {
        return new ObjectMapper().readTree(folder.resolve("out.json").toFile());
    }

    @Test
    void imagesAreRecoveredCountedAndDrawn() throws IOException {
        Outcome outcome = run(SMALL + "--model lenet --seeds 3 --strips @/strip.png --json @/out.json");
        assertEquals(0, outcome.status(), outcome.errors() + outcome.output());
        assertTrue(outcome.output().startsWith("3/3 recovered"), outcome.output());
        JsonNode json = json();
        assertEquals(3, json.path("attacks").intValue());
        assertEquals(3, json.path("recovered").intValue());
        double mse = json.path("mse").doubleValue();
        assertTrue(mse > 0 && mse < 1e-3);
        assertEquals(-10 * Math.log10(mse), json.path("psnr").doubleValue(), 1e-9);
        assertEquals(3, json.path("results").size());
        int evaluations = 0;
        for (JsonNode result : json.path("results")) {
            evaluations += result.path("evaluations").intValue();
            assertTrue(result.path("curve").size() > 1);
        }
        assertEquals(evaluations, json.path("evaluations").intValue());
        assertTrue(json.path("seconds").doubleValue() > 0);
        var strip = ImageIO.read(folder.resolve("strip.png").toFile());
        assertEquals(3 * (2 * 12 + 2) - 2, strip.getWidth());
        assertEquals(3 * (2 * 10 + 2) - 2, strip.getHeight());
    }

    /** The published attack takes the same images, gradients and starts. */
    @Test
    void whatIsNotRecoveredIsExit4() throws IOException {
        for (String provider : new String[] {"vector", "published"}) {
            Outcome outcome = run(SMALL + "--seeds 2 --iterations 1 --optimiser lbfgs-published --strips @/strip.png"
                    + " --json @/out.json --provider " + provider);
            assertEquals(4, outcome.status(), outcome.errors());
            assertTrue(outcome.output().startsWith("0/2 recovered"), outcome.output());
            assertEquals(provider, json().path("provider").textValue());
            // 20 inner iterations and the evaluation of the start.
            assertEquals(20, json().path("results").get(0).path("iterations").intValue());
        }
    }

    @Test
    void textIsReadThroughEmbeddings() throws IOException {
        Outcome outcome = run("attack dlg --model encoder --sequence-length 4 --seeds 2 --json @/out.json");
        assertEquals(0, outcome.status(), outcome.errors() + outcome.output());
        assertEquals(1.0, json().path("tokenAccuracy").doubleValue());
        assertEquals(2, json().path("certified").intValue());
        assertEquals(
                json().path("results").get(0).path("truth"),
                json().path("results").get(0).path("recovered"));
    }

    /** Weights of a file, and a model of another kind. */
    @Test
    void textModelsComeFromAFileOrAPreset() throws IOException {
        TextNetwork.open("encoder", 6, 5, 0.02).write(folder.resolve("weights.safetensors"));
        Outcome outcome = run("attack dlg --model encoder --weights @/weights.safetensors --sequence-length 4 --seeds 2"
                + " --json @/out.json");
        assertEquals(0, outcome.status(), outcome.errors() + outcome.output());
        assertEquals(2, json().path("recovered").intValue());
        outcome = run("attack dlg --model bert-tiny --sequence-length 4 --seeds 1 --iterations 1 --json @/out.json");
        assertTrue(outcome.status() == 0 || outcome.status() == 4, outcome.errors() + outcome.output());
        assertEquals("bert-tiny", json().path("model").textValue());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    --model vgg                            | model vgg takes no images; there are lenet, .*
                    --images @/none                        | there are no images at .*none; give a file, a folder, or generated
                    --images @                             | .*: has no PNG or JPEG files
                    --images @/broken/a.png                | .*neither whole records of CIFAR-10.*
                    --images @/broken                      | .*a.png: is not a PNG or JPEG image
                    --images @/small                       | .*b.png: is 3 × 5 × 4, the model takes 3 × 32 × 32; .*
                    --classes 3                            | generated-3: label 3 is out of range, the model has 3 classes; raise --classes
                    --optimiser newton                     | unknown optimiser 'newton'; there are lbfgs, .*
                    --method tag                           | unknown method 'tag' for model lenet; there are dlg, idlg, geiping
                    --image-shape 32x32                    | --image-shape 32x32: give channels, height and width, .*
                    --image-shape 3x0x32                   | --image-shape: an image of 3 × 0 × 32 has no pixels
                    --image-shape 3x65x65                  | generated images have 1 or 3 channels and .*
                    --seeds 0                              | --seeds needs at least 1, not 0
                    --provider abacus                      | unknown provider 'abacus'; .*published
                    --provider published --method idlg     | --provider published is DLG with one start; .*
                    --sequence-length 4                    | model lenet takes images; leave out .*
                    --model encoder --images generated     | model encoder takes text; leave out .*
                    --model encoder --method geiping       | unknown method 'geiping' for model encoder; there are dlg, tag, lamp
                    --model encoder --provider published   | --provider published attacks images only; .*
                    --weights @/broken/a.png               | .*a.png: not a safetensors file.*
                    --model encoder --weights @/broken/a.png | .*a.png: not a safetensors file.*
                    --model encoder --weights @/none       | .*none: no such file; expected a safetensors file
                    --model tiny --weights @/none          | --weights is for encoder, decoder; name the folder of .*
                    --model tiny --sequence-length 65      | model tiny has 64 positions, not 65
                    --model @/small                        | .*config.json: no such file; expected a model directory.*
                    --images @/small --image-shape 2x5x4   | .*small: images of a folder have 1 or 3 channels, the model takes 2; .*
                    --batch-size 2000000000 --seeds 2      | 2 attacks on 2000000000 inputs each hold [0-9]+ MiB .*; lower .*
                    --seeds 2000000000                     | 2000000000 attacks on 1 inputs each hold [0-9]+ MiB .*
                    --model encoder --seeds 2000000000     | 2000000000 attacks on 1 inputs each hold [0-9]+ MiB .*
                    --iterations 200000000                 | --iterations 200000000 is more than can be counted; .*
                    --classes 2000000000                   | model lenet cannot be made: 2000000000 classes of 3 × 32 × 32 .*
                    --strips @                             | .* is a folder; name a file in it
                    """)
    void wrongUseIsOneLineAndExit2(String arguments, String message) throws IOException {
        Files.createDirectories(folder.resolve("broken"));
        Files.createDirectories(folder.resolve("small"));
        Files.write(folder.resolve("broken/a.png"), new byte[] {1, 2, 3});
        ImageIO.write(
                new java.awt.image.BufferedImage(4, 5, java.awt.image.BufferedImage.TYPE_INT_RGB),
                "png",
                folder.resolve("small/b.png").toFile());
        if (arguments.equals("--images @")) {
            folder = Files.createDirectory(folder.resolve("empty"));
        }
        String strips = arguments.contains("--strips") || arguments.matches(".*--model (encoder|tiny|@/small).*")
                ? ""
                : " --strips @/strip.png";
        Outcome outcome = run("attack dlg " + arguments.strip() + strips);
        assertEquals(2, outcome.status(), outcome.errors() + outcome.output());
        assertEquals("", outcome.output());
        assertTrue(outcome.errors().strip().matches("leakmark: " + message), outcome.errors());
        assertFalse(Files.exists(folder.resolve("strip.png")));
    }
}
