package leakmark.benchmarks.run;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import leakmark.attacks.model.Architecture;
import leakmark.attacks.model.Presets;
import leakmark.attacks.text.TextFile;
import leakmark.attacks.text.TextProfile;
import leakmark.benchmarks.cli.CommandFailure;
import leakmark.benchmarks.cli.ExitCode;
import leakmark.benchmarks.cli.JsonOption;
import leakmark.benchmarks.cli.OutputFiles;
import leakmark.benchmarks.run.EncoderStudy.Shape;
import leakmark.kernels.KernelProviders;
import leakmark.reports.result.Result;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code leakmark encoders}: recovery and time on encoders against B, L and attention strength, the published search beside. */
@Command(
        name = "encoders",
        description = "Sweep the attack on encoders over batch size, length and strength of attention, the published"
                + " search beside it, and write a report with the curves.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  leakmark encoders",
            "  leakmark encoders --weight-stds 0.02 --shapes 8x44,32x16,128x16 --seeds 10 --text FILE",
        })
public final class EncodersCommand implements Callable<Integer> {
    private static final Pattern SHAPE = Pattern.compile("(\\d{1,5})[x×](\\d{1,5})");

    @Option(names = "--model", paramLabel = "PRESET", description = "An encoder. Default: bert-base.")
    private String model = "bert-base";

    @Option(
            names = "--weight-stds",
            paramLabel = "STDS",
            split = ",",
            description = "Standard deviations of its weights: the strength of its attention. Default: 0.02,0.03,0.05.")
    private List<Double> weightStds = List.of(0.02, 0.03, 0.05);

    @Option(names = "--batch-sizes", paramLabel = "NS", split = ",", description = "Sentences. Default: 2,4,8.")
    private List<Integer> batchSizes = List.of(2, 4, 8);

    @Option(
            names = "--sequence-lengths",
            paramLabel = "TOKENS",
            split = ",",
            description = "Most tokens of a sentence. Default: 8,16,24.")
    private List<Integer> sequenceLengths = List.of(8, 16, 24);

    @Option(
            names = "--shapes",
            paramLabel = "BxL",
            split = ",",
            description = "These batch sizes and lengths, such as 8x44,32x16, instead of all pairs of the two above.")
    private List<String> shapes = List.of();

    @Option(names = "--seeds", paramLabel = "N", description = "Batches of each cell. Default: 2.")
    private int seeds = 2;

    @Option(
            names = "--published",
            paramLabel = "N",
            description = "Run the published search where it has at most N sentences to try. Default: 20000; 0: never.")
    private double published = 20_000;

    @Option(
            names = "--text",
            paramLabel = "FILE",
            description = "Sentences, one a line, UTF-8. Default: the built-in corpus.")
    private @Nullable Path text;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Folder of result.json, report.html and report.md. Default: .leakmark/encoders-TIME.")
    private @Nullable Path out;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private JsonOption json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() {
        List<Shape> sizes = shapes();
        checkUsage(sizes);
        List<String> sentences = text == null ? TextFile.corpus(TextProfile.ALL) : TextFile.read(text, null);
        Path folder = OutputFiles.folder(out, "encoders");
        OutputFiles.checkFolder(folder);
        json.check(text == null ? List.of() : List.of(text));
        PrintWriter output = spec.commandLine().getOut();
        PrintWriter people = json.people(output);
        Recording recording =
                new Recording(folder, spec.commandLine().getParseResult().originalArgs(), protocol());
        EncoderStudy study = new EncoderStudy(model, sentences, KernelProviders.best(), seeds, published, line -> {
            people.println(line);
            people.flush();
        });
        for (double weightStd : weightStds) {
            List<Result> results = study.run(weightStd, sizes);
            recording.add(results);
        }
        recording.finish();
        people.println("report: " + folder.resolve(Recording.HTML));
        people.flush();
        json.write(output, recording.file());
        return ExitCode.FINE.status();
    }

    private List<Shape> shapes() {
        if (!shapes.isEmpty()) {
            return shapes.stream().map(EncodersCommand::shape).toList();
        }
        List<Shape> pairs = new ArrayList<>();
        for (int batchSize : batchSizes) {
            for (int sequenceLength : sequenceLengths) {
                pairs.add(new Shape(batchSize, sequenceLength));
            }
        }
        return pairs;
    }

    private static Shape shape(String text) {
        Matcher matcher = SHAPE.matcher(text);
        if (!matcher.matches()) {
            throw new CommandFailure(
                    ExitCode.USAGE, "--shapes needs batch sizes and lengths such as 8x44, not " + text);
        }
        return new Shape(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
    }

    private void checkUsage(List<Shape> sizes) {
        if (Presets.configuration(model).architecture() != Architecture.BERT) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "model " + model + " is no encoder: name a preset that begins with"
                            + " bert; decoders are measured by `leakmark run`");
        }
        if (seeds < 1) {
            throw new CommandFailure(ExitCode.USAGE, "--seeds needs at least 1, not " + seeds);
        }
        if (weightStds.stream().anyMatch(std -> !(std > 0))) {
            throw new CommandFailure(ExitCode.USAGE, "--weight-stds needs numbers above 0, not " + weightStds);
        }
        int positions = Presets.configuration(model).positions();
        for (Shape size : sizes) {
            if (size.batchSize() < 1) {
                throw new CommandFailure(
                        ExitCode.USAGE, "a batch needs at least one sentence, not " + size.batchSize());
            }
            if (size.sequenceLength() > positions) {
                throw new CommandFailure(
                        ExitCode.USAGE, model + " has " + positions + " positions, not " + size.sequenceLength());
            }
        }
    }

    private Map<String, String> protocol() {
        Map<String, String> protocol = new LinkedHashMap<>();
        protocol.put("text", text == null ? "built-in corpus" : "a file of the user");
        protocol.put("seeds", "1 to " + seeds + ": each draws weights, sentences and labels");
        protocol.put("timing", "one attack a seed, the first of each strength warmed up; certificate not counted");
        protocol.put("published", "knows the number of sentences; run where it has at most " + published + " to try");
        return protocol;
    }
}
