package leakmark.benchmarks.run;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import leakmark.attacks.client.ClientDefence;
import leakmark.attacks.client.FederatedSetting;
import leakmark.attacks.client.Practice;
import leakmark.attacks.defences.DefenceKind;
import leakmark.attacks.model.Models;
import leakmark.attacks.model.PublicModel;
import leakmark.benchmarks.cli.CommandFailure;
import leakmark.benchmarks.cli.ExitCode;
import leakmark.benchmarks.cli.JsonOption;
import leakmark.benchmarks.cli.OutputFiles;
import leakmark.kernels.KernelProviders;
import leakmark.kernels.matching.GradientMatching;
import leakmark.reports.result.Result;
import leakmark.reports.result.Summary;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code leakmark defences}: leakage against strength, for an attacker who does not know the defence and one who does. */
@Command(
        name = "defences",
        description = "Sweep every defence over its strengths, DAGER and DLG, unaware and aware, and write a report.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  leakmark defences --list",
            "  leakmark defences --quick --json out.json",
            "  leakmark defences --model gpt2 --only gaussian:1e-5,gaussian:1e-4,bf16 --no-dlg --no-settings",
            "  leakmark defences --settings gossip:ring:6:3,all-reduce:4 --no-dager --no-dlg",
        })
public final class DefencesCommand implements Callable<Integer> {
    @Option(names = "--list", description = "Name the defences with their parameters, and end.")
    private boolean list;

    @Option(names = "--quick", description = "Few seeds, the small model: minutes. The default.")
    private boolean quick;

    @Option(names = "--full", description = "20 seeds, and gpt2 unless --model says otherwise: hours.")
    private boolean full;

    @Option(names = "--model", paramLabel = "PRESET", description = "Text model. Default: small, with --full gpt2.")
    private @Nullable String model;

    @Option(names = "--batch-size", paramLabel = "N", description = "Sentences of a client. Default: 1.")
    private int batchSize = 1;

    @Option(names = "--sequence-length", paramLabel = "TOKENS", description = "Most tokens. Default: 24.")
    private int sequenceLength = 24;

    @Option(names = "--seeds", paramLabel = "N", description = "Clients a cell. Default: 2, with --full 20.")
    private @Nullable Integer seeds;

    @Option(names = "--seed", paramLabel = "SEED", description = "First seed of text. Default: 1.")
    private long seed = 1;

    @Option(names = "--only", paramLabel = "SPECS", split = ",", description = "These text defences only.")
    private List<String> only = List.of();

    @Option(
            names = "--settings",
            paramLabel = "SPECS",
            split = ",",
            description = "These federated settings only, such as fedavg:10:4:1e-4 or gossip:ring:6:3+bf16.")
    private List<String> settings = List.of();

    @Option(
            names = "--setting-batch-size",
            paramLabel = "N",
            description = "Sentences of a client in them. Default: 2.")
    private int settingBatchSize = 2;

    @Option(names = "--no-settings", description = "Leave federated settings out.")
    private boolean withoutSettings;

    @Option(names = "--no-dlg", description = "Leave images out.")
    private boolean withoutDlg;

    @Option(names = "--no-dager", description = "Leave text out.")
    private boolean withoutDager;

    @Option(
            names = "--jmh",
            description =
                    "In JMH besides: what each defence costs a gradient, and the attacks' time against each. Ten minutes.")
    private boolean jmh;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Folder of result.json, report.html and report.md. Default: .leakmark/defences-TIME.")
    private @Nullable Path out;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private JsonOption json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    /** A defence as {@code --list} names it. */
    record Named(String what, String name, @Nullable String parameter, List<String> sweep) {}

    @Override
    public Integer call() {
        PrintWriter output = spec.commandLine().getOut();
        if (list) {
            json.check(List.of());
            List<Named> names = new ArrayList<>();
            for (DefenceKind kind : DefenceKind.values()) {
                names.add(new Named("defence", kind.label(), kind.parameter(), kind.sweep()));
            }
            for (Practice practice : Practice.values()) {
                List<String> sweep = new ArrayList<>(practice.textSweep());
                sweep.addAll(practice.imageSweep());
                names.add(new Named("training", practice.label(), practice.parameter(), sweep));
            }
            for (FederatedSetting.Kind kind : FederatedSetting.Kind.values()) {
                String parameters = kind.parameters().isEmpty() ? null : kind.parameters();
                names.add(new Named("setting", kind.label(), parameters, kind.sweep()));
            }
            PrintWriter people = json.people(output);
            for (Named name : names) {
                people.printf(
                        Locale.ROOT,
                        "%-19s %-8s %s%n",
                        name.name(),
                        name.what(),
                        name.parameter() == null ? "" : name.parameter());
            }
            json.write(output, names);
            return ExitCode.FINE.status();
        }
        checkUsage();
        List<String> specifications = specifications();
        List<String> federated = settings.isEmpty() ? SettingStudy.sweep() : settings;
        federated.forEach(FederatedSetting::parse);
        PublicModel text = Models.open(model == null ? full ? "gpt2" : "small" : model, 1, 0.02);
        Path folder = OutputFiles.folder(out, "defences");
        OutputFiles.checkFolder(folder);
        json.check(List.of());
        Recording recording =
                new Recording(folder, spec.commandLine().getParseResult().originalArgs(), protocol());
        PrintWriter people = json.people(output);
        Consumer<String> progress = line -> {
            people.println(line);
            people.flush();
        };
        GradientMatching kernels = KernelProviders.best().gradientMatching();
        Utilities utilities = new Utilities(kernels);
        if (!withoutDager) {
            new TextDefenceStudy(text, batchSize, sequenceLength, seed, clients())
                    .run(specifications, utilities, progress, pair -> {
                        recording.add(pair);
                        print(people, pair, Result.ROUGE_1);
                    });
        }
        if (!withoutDlg) {
            new ImageDefenceStudy(kernels, full ? 20 : clients(), full ? 6000 : 2000)
                    .run(ImageDefenceStudy.sweep(), utilities, pair -> {
                        recording.add(pair);
                        print(people, pair, Result.SUCCESS_RATE);
                    });
        }
        if (!withoutSettings) {
            new SettingStudy(text, settingBatchSize, sequenceLength, seed, clients()).run(federated, progress, pair -> {
                recording.add(pair);
                printSetting(people, pair);
            });
        }
        if (jmh) {
            JmhRunner runner = new JmhRunner(folder, List.of(), Map.of());
            for (String benchmark : List.of("DefenceBenchmark", "AggregationBenchmark", "ProtectedDagerBenchmark")) {
                List<Result> results = runner.run(new Plan.Cell(benchmark, Map.of()));
                recording.add(results);
                results.forEach(result -> printTimed(people, result));
            }
        }
        recording.finish();
        people.println("report: " + folder.resolve(Recording.HTML));
        people.flush();
        json.write(output, recording.file());
        return ExitCode.FINE.status();
    }

    private int clients() {
        return seeds == null ? full ? 20 : 2 : seeds;
    }

    private void checkUsage() {
        if (quick && full) {
            throw new CommandFailure(ExitCode.USAGE, "--quick and --full contradict each other: give one");
        }
        if (withoutDlg && withoutDager && withoutSettings && !jmh) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "--no-dlg, --no-dager and --no-settings leave nothing to measure: give fewer, or --jmh too");
        }
        for (int size : new int[] {batchSize, settingBatchSize}) {
            if (size < 1) {
                throw new CommandFailure(ExitCode.USAGE, "a batch needs at least one sentence, not " + size);
            }
        }
        if (clients() < 1 || clients() > 64) {
            throw new CommandFailure(ExitCode.USAGE, "--seeds is from 1 to 64, not " + clients());
        }
    }

    /** As they are spelled in results. */
    private List<String> specifications() {
        return only.isEmpty()
                ? TextDefenceStudy.sweep()
                : only.stream().map(s -> ClientDefence.parse(s).label()).toList();
    }

    private static void print(PrintWriter people, List<Result> pair, String quality) {
        Result unaware = pair.get(0);
        Result aware = pair.get(1);
        people.printf(
                Locale.ROOT,
                "%-6s %-26s %s unaware %5.1f %%  aware %5.1f %%  %10.0f bytes%s%n",
                quality.equals(Result.ROUGE_1) ? "dager" : "dlg",
                unaware.key().params().get(TextDefenceStudy.DEFENCE),
                quality,
                100 * unaware.quality().getOrDefault(quality, 0.0),
                100 * aware.quality().getOrDefault(quality, 0.0),
                aware.counters().getOrDefault("bytes", 0.0),
                utility(aware));
        people.flush();
    }

    private static void printSetting(PrintWriter people, List<Result> pair) {
        Result unaware = pair.get(0);
        Result aware = pair.get(1);
        people.printf(
                Locale.ROOT,
                "%-34s %s%n",
                unaware.key().params().get(SettingStudy.SETTING),
                unaware.status() == Result.Status.NOT_APPLICABLE
                        ? "not applicable: " + unaware.reasons().get(0)
                        : String.format(
                                Locale.ROOT,
                                "exact: unaware %5.1f %%  aware %5.1f %%  of %.0f sentences",
                                100 * unaware.quality().getOrDefault(Result.EXACT_RATE, 0.0),
                                100 * aware.quality().getOrDefault(Result.EXACT_RATE, 0.0),
                                aware.quality().getOrDefault(Result.SEQUENCES, 0.0)));
        people.flush();
    }

    private static void printTimed(PrintWriter people, Result result) {
        Summary summary = result.summary();
        people.printf(
                Locale.ROOT,
                "%s %s %s: %s%n",
                result.key().benchmark(),
                result.key().params(),
                summary == null ? result.status() : String.format(Locale.ROOT, "%.2f ms", summary.median()),
                result.counters());
        people.flush();
    }

    private static String utility(Result result) {
        Double accuracy = result.quality().get("accuracy");
        Double loss = result.quality().get("loss");
        return accuracy == null || loss == null
                ? ""
                : String.format(Locale.ROOT, "  learns to loss %.2f, accuracy %.0f %%", loss, 100 * accuracy);
    }

    private Map<String, String> protocol() {
        Map<String, String> protocol = new LinkedHashMap<>();
        protocol.put("text", "built-in corpus, one batch a seed, classification, frozen embeddings");
        protocol.put("settings", "built-in corpus, " + settingBatchSize + " sentences a client, classification");
        protocol.put("images", "generated, one image a client, LeNet of DLG");
        protocol.put("noise", "relative: standard deviation over the norm of the whole gradient; absolute: as it is");
        protocol.put("timing", "one attack a seed, not warmed up");
        return protocol;
    }
}
