package leakmark.benchmarks.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import leakmark.attacks.Attack;
import leakmark.attacks.AttackException;
import leakmark.attacks.GradientFile;
import leakmark.attacks.GradientOracle;
import leakmark.attacks.Reconstruction;
import leakmark.attacks.SharedGradient;
import leakmark.attacks.Task;
import leakmark.attacks.client.Client;
import leakmark.attacks.client.ClientBatch;
import leakmark.attacks.client.TruthFile;
import leakmark.attacks.dager.Certificate;
import leakmark.attacks.dager.Certifier;
import leakmark.attacks.defences.Protection;
import leakmark.attacks.djl.TransformerGradient;
import leakmark.attacks.encoder.Attacks;
import leakmark.attacks.model.Architecture;
import leakmark.attacks.model.PublicModel;
import leakmark.kernels.KernelProvider;
import leakmark.kernels.KernelProviders;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code leakmark attack dager}: exact recovery of text, from a file's gradient or from a client's made here. */
@Command(
        name = DagerCommand.NAME,
        description = "Recover text exactly (DAGER): from --gradient FILE, or from a client's batch drawn here.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  leakmark attack dager --model gpt2 --batch-size 16 --sequence-length 24 --json out.json",
            "  leakmark attack dager --batch-size 1 --defence gaussian:1e-4 --attacker aware",
            "  leakmark attack dager --gradient update.safetensors --truth update.truth.json",
        })
final class DagerCommand implements Callable<Integer> {
    static final String NAME = "dager";

    @Option(
            names = "--gradient",
            paramLabel = "FILE",
            description = "A shared gradient; model, seed and weight std are the file's unless given.")
    private @Nullable Path gradientFile;

    @Option(
            names = "--truth",
            paramLabel = "FILE",
            description = "With --gradient: the true batch, read after the attack, to score it.")
    private @Nullable Path truthFile;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private ModelOptions modelOptions;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private BatchOptions batchOptions;

    @Option(
            names = "--task",
            converter = Labels.TaskConverter.class,
            description =
                    "What is trained: classification, next-token or, for a BERT, masked-lm. Default: the file's, else classification.")
    private @Nullable Task task;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private DefenceOptions defenceOptions;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private LocalTrainingOptions localTraining;

    @Option(
            names = "--attacker",
            paramLabel = "WHO",
            converter = Labels.AttackerConverter.class,
            description =
                    "aware: knows that the gradient is noisy, rounded or sparse; unaware: never heard of it. Default: unaware.")
    private Attacker attacker = Attacker.UNAWARE;

    @Option(names = "--provider", description = "Kernels: cuda, vector or scalar. Default: the fastest that runs here.")
    private @Nullable String providerName;

    @Option(
            names = "--repeat",
            paramLabel = "N",
            defaultValue = "1",
            description = "Attack N times, report the median; the first is slowed by the JVM's warm-up. Default: 1.")
    private int repeat = 1;

    @Option(
            names = "--seeds",
            paramLabel = "N",
            defaultValue = "1",
            description = "Attack N batches, drawn with seeds from --seed on, and give means. Default: 1.")
    private int seeds = 1;

    @Option(
            names = "--no-certify",
            description = "Leave out the certificate: the recovered batch's own gradient against the shared one.")
    private boolean withoutCertificate;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private JsonOption json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    /** What is attacked; the truth is kept from the attack. */
    private record Target(
            ModelOptions.Chosen chosen,
            SharedGradient gradient,
            @Nullable ClientBatch truth) {}

    @Override
    public Integer call() {
        checkUsage();
        KernelProvider named = namedProvider();
        Protection protection = defenceOptions.protection();
        localTraining.schedule(protection);
        PrintWriter output = spec.commandLine().getOut();
        try (Oracle oracle = new Oracle()) {
            if (seeds > 1) {
                DagerSeeds all = ofAllSeeds(named, oracle, protection, json.people(output));
                json.write(output, all.json());
                return all.exitCode().status();
            }
            Path file = gradientFile;
            DagerOutcome outcome =
                    attacked(named, oracle, protection, file == null ? drawn(oracle, protection, 0) : read(file));
            outcome.print(json.people(output));
            json.write(output, outcome.json());
            return outcome.exitCode().status();
        }
    }

    private DagerSeeds ofAllSeeds(
            @Nullable KernelProvider named, Oracle oracle, Protection protection, PrintWriter people) {
        DagerSeeds all = new DagerSeeds(people);
        for (int i = 0; i < seeds; i++) {
            Target target = drawn(oracle, protection, i);
            long seed = target.chosen().seed();
            try {
                all.add(seed, attacked(named, oracle, protection, target));
            } catch (AttackException e) {
                all.add(seed, batchOptions.batchSize(), e);
            }
        }
        all.print();
        return all;
    }

    private DagerOutcome attacked(@Nullable KernelProvider named, Oracle oracle, Protection protection, Target target) {
        PublicModel model = target.chosen().model();
        KernelProvider provider = named == null ? KernelProviders.best() : named;
        double movement = gradientFile == null
                ? protection.isNone() ? localTraining.movement(batchOptions.batchSize()) : 0
                : movement(gradientFile);
        List<Reconstruction> attacks =
                attack(() -> attackOf(provider, oracle, model, movement), model, target.gradient());
        Reconstruction median = attacks.get(attacks.size() / 2);
        // A changed gradient is no batch's own: there is nothing to certify.
        boolean uncertain = withoutCertificate
                || attacker == Attacker.AWARE
                || defenceOptions.isGiven()
                || localTraining.isGiven()
                || movement > 0;
        Certificate certificate = uncertain ? null : certify(oracle, model, target.gradient(), median);
        return DagerOutcome.of(
                target.chosen(),
                provider.name(),
                target.gradient().task(),
                attacks,
                median,
                certificate,
                truth(target));
    }

    private void checkUsage() {
        if (gradientFile != null && !batchOptions.given().isEmpty()) {
            throw usage("--gradient brings its batch with it; leave out " + String.join(", ", batchOptions.given()));
        }
        if (gradientFile != null && defenceOptions.isGiven()) {
            throw usage("--defence is what a client drawn here does; the gradient of --gradient is as it is");
        }
        if (gradientFile != null && localTraining.isGiven()) {
            throw usage("--local-epochs is what a client drawn here does; the gradient of --gradient is as it is");
        }
        if (gradientFile == null && truthFile != null) {
            throw usage("--truth goes with --gradient; a batch drawn here is its own truth");
        }
        if (gradientFile != null && seeds != 1) {
            throw usage("--gradient is one batch; leave out --seeds");
        }
        if (seeds < 1) {
            throw usage("--seeds needs at least 1, not " + seeds);
        }
        if (repeat < 1) {
            throw usage("--repeat needs at least 1, not " + repeat);
        }
        List<Path> inputs = new ArrayList<>(batchOptions.files());
        for (Path input : new @Nullable Path[] {gradientFile, truthFile}) {
            if (input != null) {
                inputs.add(input);
            }
        }
        json.check(inputs);
    }

    private @Nullable KernelProvider namedProvider() {
        try {
            return providerName == null ? null : KernelProviders.byName(providerName);
        } catch (IllegalArgumentException e) {
            throw usage(String.valueOf(e.getMessage()));
        }
    }

    private Target drawn(Oracle oracle, Protection protection, int seedsOn) {
        ModelOptions.Chosen chosen = modelOptions.choose(seedsOn);
        PublicModel model = chosen.model();
        Task trained = task == null ? Task.CLASSIFICATION : task;
        ClientBatch batch = batchOptions.sample(model.configuration(), chosen.tokenizer(), trained, chosen.seed());
        Set<String> names = localTraining.isGiven()
                ? Client.updateNames(model.configuration(), trained)
                : Client.attackNames(model.configuration(), trained);
        Torch.require();
        return new Target(
                chosen,
                Progress.during(
                        "client gradient",
                        () -> localTraining.share(
                                oracle.get(), protection, model, trained, batch, names, chosen.seed())),
                batch);
    }

    private Target read(Path file) {
        ModelOptions.Chosen chosen = modelOptions.choose(GradientFile.provenance(file), file.toString());
        return new Target(chosen, GradientFile.read(file, chosen.model(), task), null);
    }

    /** Of a file's update; 0 if it is one step's gradient, or protected besides. */
    private static double movement(Path file) {
        Map<String, String> provenance = GradientFile.provenance(file);
        String movement = provenance.get(LocalTrainingOptions.PROVENANCE);
        if (movement == null || provenance.containsKey(DefenceOptions.PROVENANCE)) {
            return 0;
        }
        try {
            double value = Double.parseDouble(movement);
            if (value > 0 && value < Double.POSITIVE_INFINITY) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw usage(file + " is an update of unknown steps: its " + LocalTrainingOptions.PROVENANCE + " is '" + movement
                + "', not a positive number (steps times learning rate)");
    }

    /** The truth is read when the attack is over. */
    private @Nullable ClientBatch truth(Target target) {
        return truthFile == null ? target.truth() : TruthFile.read(truthFile);
    }

    private Attack attackOf(KernelProvider provider, Oracle oracle, PublicModel model, double movement) {
        if (attacker == Attacker.UNAWARE) {
            return Attacks.exact(model, provider, oracle::get);
        }
        if (model.configuration().architecture() == Architecture.BERT) {
            throw usage("--attacker aware attacks decoders only; give a model such as gpt2, or --attacker unaware");
        }
        return movement > 0 ? attacker.onUpdates(provider, movement) : attacker.dager(provider);
    }

    /** All attacks, fastest first. */
    private List<Reconstruction> attack(Supplier<Attack> opened, PublicModel model, SharedGradient gradient) {
        List<Reconstruction> attacks = new ArrayList<>();
        try (Attack attack = opened.get();
                Progress progress = Progress.of("attack", repeat)) {
            for (int i = 0; i < repeat; i++) {
                attacks.add(attack.reconstruct(model, gradient));
                progress.step();
            }
        }
        if (attacks.stream().map(DagerCommand::recovered).distinct().count() > 1) {
            throw new CommandFailure(
                    ExitCode.GATE_FAILED, "repeated attacks on one gradient recovered different texts");
        }
        attacks.sort(Comparator.comparingDouble(Reconstruction::seconds));
        return attacks;
    }

    private static List<String> recovered(Reconstruction attack) {
        return attack.sequences().stream()
                .map(sequence -> sequence.offset() + " " + Arrays.toString(sequence.tokens()))
                .sorted()
                .toList();
    }

    private static Certificate certify(
            Oracle oracle, PublicModel model, SharedGradient gradient, Reconstruction reconstruction) {
        Torch.require();
        return Progress.during(
                "certificate", () -> new Certifier(oracle.get()).certify(model, gradient, reconstruction));
    }

    private static CommandFailure usage(String message) {
        return new CommandFailure(ExitCode.USAGE, message);
    }

    /** PyTorch's gradient, opened when first wanted: a file's gradient can be attacked without it. */
    private static final class Oracle implements AutoCloseable {
        private @Nullable TransformerGradient opened;

        GradientOracle get() {
            TransformerGradient known = opened;
            if (known == null) {
                known = new TransformerGradient();
                opened = known;
            }
            return known;
        }

        @Override
        public void close() {
            if (opened != null) {
                opened.close();
            }
        }
    }
}
