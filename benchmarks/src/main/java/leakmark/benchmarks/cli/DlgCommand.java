package leakmark.benchmarks.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import leakmark.attacks.AttackException;
import leakmark.attacks.images.ImageSource;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code leakmark attack dlg}: images or text by gradient matching, many clients at once. */
@Command(
        name = DlgCommand.NAME,
        description =
                "Recover images or text by matching gradients (DLG, iDLG, Geiping et al., TAG, LAMP), one attack a seed,"
                        + " all at once.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  leakmark attack dlg --model lenet --seeds 20 --json out.json",
            "  leakmark attack dlg --model lenet --images photos/ --method geiping --batch-size 2",
            "  leakmark attack dlg --model encoder --sequence-length 12 --seeds 8",
        })
final class DlgCommand implements Callable<Integer> {
    static final String NAME = "dlg";

    @Option(
            names = "--model",
            paramLabel = "NAME",
            defaultValue = "lenet",
            description =
                    "lenet, lenet-relu, mlp, mlp-relu, resnet20; for text encoder, decoder, a preset such as bert-tiny"
                            + " or a Hugging Face folder. Default: lenet.")
    private String model = "lenet";

    @Option(names = "--weights", paramLabel = "FILE", description = "Weights from a safetensors file, not from a seed.")
    private @Nullable Path weights;

    @Option(
            names = "--images",
            paramLabel = "SOURCE",
            description = "A folder of PNG or JPEG, an MNIST or CIFAR file, or " + ImageSource.GENERATED + ". Default: "
                    + ImageSource.GENERATED + ".")
    private @Nullable String images;

    @Option(
            names = "--image-shape",
            paramLabel = "CxHxW",
            description = "Channels, height and width of the model's input. Default: 3x32x32.")
    private @Nullable String imageShape;

    @Option(names = "--classes", paramLabel = "N", description = "Classes of the model. Default: 10.")
    private @Nullable Integer classes;

    @Option(
            names = "--text",
            paramLabel = "FILE",
            description = "Sentences for text models, one a line, UTF-8. Default: the built-in corpus.")
    private @Nullable Path text;

    @Option(names = "--sequence-length", paramLabel = "TOKENS", description = "Tokens of a sentence. Default: 8.")
    private @Nullable Integer sequenceLength;

    @Option(
            names = "--method",
            defaultValue = "dlg",
            description = "dlg, idlg or geiping for images; dlg, tag or lamp for text. Default: dlg.")
    private String method = "dlg";

    @Option(
            names = "--optimiser",
            paramLabel = "NAME",
            description = "lbfgs, lbfgs-published, adam or sgd. Default: the method's.")
    private @Nullable String optimiser;

    @Option(
            names = "--batch-size",
            paramLabel = "N",
            defaultValue = "1",
            description = "Inputs of a client. Default: 1.")
    private int batchSize = 1;

    @Option(names = "--seeds", paramLabel = "N", defaultValue = "8", description = "Independent attacks. Default: 8.")
    private int seeds = 8;

    @Option(
            names = "--seed",
            defaultValue = "1",
            description = "Seed of the weights; attack i takes inputs and start i from it on. Default: 1.")
    private long seed = 1;

    @Option(
            names = "--iterations",
            paramLabel = "N",
            description = "Most outer iterations of 20 steps. Default: the method's; DLG's is 300.")
    private @Nullable Integer iterations;

    @Option(names = "--restarts", paramLabel = "N", description = "Most starts of an attack. Default: the method's.")
    private @Nullable Integer restarts;

    @Option(
            names = "--provider",
            description =
                    "Kernels: vector or scalar; published for PyTorch's double backward. Default: the fastest here.")
    private @Nullable String provider;

    @Option(
            names = "--strips",
            paramLabel = "FILE.png",
            description = "True, recovered and difference images; an older file is replaced. Default: dlg-MODEL.png.")
    private @Nullable Path strips;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private JsonOption json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() {
        positive("--seeds", seeds);
        positive("--batch-size", batchSize);
        positive("--iterations", Objects.requireNonNullElse(iterations, 1));
        positive("--restarts", Objects.requireNonNullElse(restarts, 1));
        positive("--classes", Objects.requireNonNullElse(classes, 1));
        positive("--sequence-length", Objects.requireNonNullElse(sequenceLength, 1));
        boolean isText = DlgText.isModel(model);
        checkKind(isText);
        List<Path> inputs = new ArrayList<>();
        for (Path path : new @Nullable Path[] {weights, text}) {
            if (path != null) {
                inputs.add(path);
            }
        }
        json.check(inputs);
        DlgPlan plan =
                new DlgPlan(model, weights, method, optimiser, batchSize, seeds, seed, iterations, restarts, provider);
        PrintWriter output = spec.commandLine().getOut();
        if (isText) {
            DlgText.Outcome outcome = DlgText.run(plan, text, Objects.requireNonNullElse(sequenceLength, 8));
            outcome.print(json.people(output));
            json.write(output, outcome.json());
            return outcome.exitCode().status();
        }
        Path strip = Objects.requireNonNullElse(strips, Path.of("dlg-" + model.replaceAll("[^a-z0-9-]", "_") + ".png"));
        OutputFiles.check(strip, true, inputs);
        DlgImages.Outcome outcome = DlgImages.run(
                plan,
                Objects.requireNonNullElse(images, ImageSource.GENERATED),
                shape(Objects.requireNonNullElse(imageShape, "3x32x32")),
                Objects.requireNonNullElse(classes, 10));
        outcome.writeStrip(strip);
        PrintWriter people = json.people(output);
        outcome.print(people, strip);
        json.write(output, outcome.json(strip));
        return outcome.exitCode().status();
    }

    private void checkKind(boolean isText) {
        if (isText && (images != null || imageShape != null || classes != null || strips != null)) {
            throw usage("model " + model + " takes text; leave out --images, --image-shape, --classes and --strips");
        }
        if (!isText && (text != null || sequenceLength != null)) {
            throw usage("model " + model + " takes images; leave out --text and --sequence-length");
        }
    }

    private static int[] shape(String given) {
        if (!given.matches("[0-9]{1,4}x[0-9]{1,4}x[0-9]{1,4}")) {
            throw usage("--image-shape " + given + ": give channels, height and width, such as 3x32x32");
        }
        String[] parts = given.split("x", -1);
        return new int[] {Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), Integer.parseInt(parts[2])};
    }

    private static void positive(String option, int value) {
        if (value < 1) {
            throw new AttackException(option + " needs at least 1, not " + value);
        }
    }

    private static CommandFailure usage(String message) {
        return new CommandFailure(ExitCode.USAGE, message);
    }
}
